// SPDX-License-Identifier: GPL-2.0
/*
 * What the linker script does elsewhere, first half.
 *
 * wasm-ld has no linker scripts. It makes one output segment of all input
 * segments of one name, places the output segments in the order in which their
 * names first appear, and the parts of each in link order. This object is linked
 * first and lds_tail.o last, so zero-length arrays in a named section mark its
 * start here and its end there, and the order of the names below is the order in
 * memory. Names that are C identifiers get __start_NAME and __stop_NAME from
 * wasm-ld itself, if the segment exists.
 *
 * ".rodata.x", ".data.x" and ".bss.x" are parts of ".rodata", ".data", ".bss".
 * src/build/kernel-layout.ts checks the result and refuses a section name
 * that is not known here.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <asm/sections.h>
#include "../../../kernel/sched/sched.h"
#include "lds.h"

/* Read-only data. */
LDS_MARK(char, __start_rodata, ".rodata");

/*
 * Code is not in memory: a function's address is a table slot. Whoever asks
 * whether an address lies in some range of the text is told no.
 */
LDS_MARK(char, _text, ".rodata");
LDS_MARK(char, _stext, ".rodata");
LDS_MARK(char, _etext, ".rodata");
LDS_MARK(char, _sinittext, ".rodata");
LDS_MARK(char, _einittext, ".rodata");
LDS_MARK(char, __irqentry_text_start, ".rodata");
LDS_MARK(char, __irqentry_text_end, ".rodata");
LDS_MARK(char, __softirqentry_text_start, ".rodata");
LDS_MARK(char, __softirqentry_text_end, ".rodata");
LDS_MARK(char, __sched_text_start, ".rodata");
LDS_MARK(char, __sched_text_end, ".rodata");
LDS_MARK(char, __cpuidle_text_start, ".rodata");
LDS_MARK(char, __cpuidle_text_end, ".rodata");

/* /sys/kernel/notes: ELF notes, of which a wasm module has none. */
extern char lds_notes_start[] asm("__start_notes");
extern char lds_notes_stop[] asm("__stop_notes");
LDS_MARK(char, lds_notes_start, ".rodata");
LDS_MARK(char, lds_notes_stop, ".rodata");

/*
 * Data. .data..once merges into .data, so the range that
 * /sys/kernel/debug/clear_warn_once would clear is empty.
 */
LDS_MARK(char, _sdata, ".data");
LDS_MARK(char, _data, ".data");
LDS_MARK(char, __start_once, ".data");
LDS_MARK(char, __end_once, ".data");

/*
 * Scheduling classes, highest priority first: the scheduler compares their
 * addresses and walks them as an array. "__stop" is the section of
 * stop_sched_class, not a mark.
 */
LDS_MARK(struct sched_class, __sched_class_highest, "__stop_sched_class");
LDS_ORDER(dl_class, "__dl_sched_class");
LDS_ORDER(rt_class, "__rt_sched_class");
LDS_ORDER(fair_class, "__fair_sched_class");
LDS_ORDER(ext_class, "__ext_sched_class");
LDS_ORDER(idle_class, "__idle_sched_class");
LDS_MARK(struct sched_class, __sched_class_lowest, "__lowest_sched_class");

/* Tables bounded by wasm-ld; named here so that they exist even if empty. */
LDS_ORDER(param, "__param");
LDS_ORDER(modver, "__modver");
LDS_ORDER(ex_table, "__ex_table");

/*
 * From here to __init_end: what is freed after boot, in whole pages.
 */
char __init_begin[0] __attribute__((section(".init.data"), used, aligned(PAGE_SIZE)));
LDS_ORDER(init_rodata, ".init.rodata");

/* Command line options: __setup() and early_param(). */
LDS_MARK(const struct obs_kernel_param, __setup_start, ".init.setup");

/*
 * Initcalls: one array from __initcall_start to __initcall_end; level n begins
 * at __initcalln_start and ends where the next begins; "ns" is the level's
 * _sync() part.
 */
#define LDS_INITCALLS(n)						\
	LDS_MARK(initcall_entry_t, __initcall##n##_start, ".initcall" #n ".init");	\
	LDS_ORDER(initcall##n##s, ".initcall" #n "s.init")

LDS_MARK(initcall_entry_t, __initcall_start, ".initcallearly.init");
LDS_INITCALLS(0);
LDS_INITCALLS(1);
LDS_INITCALLS(2);
LDS_INITCALLS(3);
LDS_INITCALLS(4);
LDS_INITCALLS(5);
LDS_INITCALLS(rootfs);
LDS_INITCALLS(6);
LDS_INITCALLS(7);
LDS_MARK(initcall_entry_t, __initcall_end, ".initcallend.init");

/* console_initcall() */
LDS_MARK(initcall_entry_t, __con_initcall_start, ".con_initcall.init");

/* What a linker script discards; wasm-ld can't, so it goes after boot. */
LDS_ORDER(exitcall, ".exitcall.exit");
LDS_ORDER(modinfo, ".modinfo");

LDS_ORDER(init_end, ".initend");

char __bss_start[0] __attribute__((section(".bss.head"), used));

/* The built-in initramfs (usr/initramfs_data.S elsewhere): the host passes one. */
extern char __initramfs_start[];
extern unsigned long __initramfs_size;
char __initramfs_start[4];
unsigned long __initramfs_size;

/* The first task's shadow stack. */
unsigned long init_stack[THREAD_SIZE / sizeof(unsigned long)] __aligned(THREAD_SIZE);
extern union thread_union init_thread_union __attribute__((alias("init_stack")));
