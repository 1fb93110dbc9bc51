// SPDX-License-Identifier: GPL-2.0
/*
 * What the linker script does elsewhere, second half: the ends of the ranges
 * that lds_head.c opens. Linked last.
 */
#include <linux/init.h>
#include <asm/page.h>
#include <asm/sections.h>
#include "lds.h"

LDS_MARK(char, __end_rodata, ".rodata");
LDS_MARK(char, _edata, ".data");
LDS_MARK(const struct obs_kernel_param, __setup_end, ".init.setup");
LDS_MARK(initcall_entry_t, __con_initcall_end, ".con_initcall.init");
char __init_end[0] __attribute__((section(".initend"), used, aligned(PAGE_SIZE)));
char __bss_stop[0] __attribute__((section(".bss.tail"), used));
char _end[0] __attribute__((section(".bss.tail"), used));
