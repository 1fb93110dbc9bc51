/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_ENTRY_H
#define _ASM_WASM_ENTRY_H
/*
 * What the files of arch/wasm/kernel offer each other on the way into and out
 * of the kernel.
 */
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/host.h>
#include <asm/ptrace.h>

/*
 * Words that the libc's stub must look at: never the result of a system call,
 * of which -4095 is the lowest error. docs/abi.md describes them.
 */
#define WASM_RESULT_SIGNAL	(-4096L)	/* fetch a signal frame, run its handler */
#define WASM_RESULT_VFORK	(-4097L)	/* the vfork child has left: you are the parent */
#define WASM_RESULT_RESTART	(-4098L)	/* make the system call again */
#define WASM_RESULT_FORK	(-4099L)	/* call wasmlinux_fork(): its result is this call's */

/* process.c */
extern struct task_struct *wasm_switch_prev;
void wasm_claim_globals(struct task_struct *task);
void __noreturn wasm_run_user(void);

/* The kernel's stack pointer when nothing of the kernel is on task's stack. */
static inline unsigned long wasm_stack_base(struct task_struct *task)
{
	return (unsigned long)task_pt_regs(task);
}

/* entry.c */
void wasm_make_call(struct pt_regs *regs);
bool wasm_exit_work(struct pt_regs *regs);
void wasm_exit_work_but_signals(struct pt_regs *regs);
bool wasm_enter_clone(unsigned long flags);
void wasm_leave_clone(void);

/* clone.c: copies of the process that are not plain forks */
bool wasm_clone_asked(struct pt_regs *regs);
long wasm_copy_process(const struct pt_regs *regs);

/* core.c: what a program leaves behind */
struct coredump_params;
int wasm_core_dump(struct coredump_params *cprm);
void wasm_keep_trap(const char *description);
void wasm_forget_trap(struct task_struct *task);
void __noreturn wasm_die_of_trap(int sig);

/* fork.c */
void wasm_fork_rewind(void);
void wasm_fork_unwound(void);
s32 wasm_fork_unwound_to(unsigned long handler_frame);
struct wasm_frames *wasm_get_frames(struct wasm_frames *frames);
void wasm_drop_frames(struct task_struct *task);
void __noreturn wasm_handler_returned(void);

/* host_task.c */
long wasm_serve_host(void);
void wasm_host_call_interrupt(void);
void wasm_leave_host(struct task_struct *task);

/* signal.c: true when the call is to be made again, in the kernel */
bool wasm_handle_signal(struct pt_regs *regs);
bool wasm_is_restartable(struct pt_regs *regs);
long wasm_fetch_signal(unsigned long frame);
void wasm_drop_signals(struct task_struct *task);
unsigned long wasm_trap_stack(void);

/* traps.c */
void wasm_trap_handled(u32 signal);

/* follow.c: tells the host of the signal that get_signal() will take */
void wasm_report_signal(const struct pt_regs *regs);

/* stack.c */
extern struct task_struct *wasm_stack_asker;
void wasm_tell_stack(struct task_struct *self);
bool wasm_stack_text(struct task_struct *task, char *text, u32 size);
char *wasm_program_frames(char *text);

/* vfork.c */
void wasm_vfork_leave(void);
void wasm_vfork_exit(long code);
void wasm_vfork_lost(u32 signal);

/* time.c */
extern int wasm_clock_budget;
extern u32 wasm_work_units;
void wasm_clock_budget_spent(void);
u64 wasm_clock(void);
void wasm_timer_interrupt(void);
void wasm_give_turn(void);

/* cputime.c */
extern bool wasm_user_ran;
extern bool wasm_sample_begins, wasm_sample_spoilt;
void wasm_share_out(u64 now, u32 ways);
u32 wasm_plan_samples(u32 elapsed, u32 granted);
void wasm_measure_look(u32 ns);
void wasm_was_idle(u64 now);
void wasm_settle_if_much(void);
void wasm_init_cputime(void);
void wasm_inherit_call_cost(struct wasm_call_cost *child, const struct wasm_call_cost *parent);

/* On each way to the program. */
static __always_inline void wasm_enter_user(struct task_struct *task)
{
	task->thread.in_user = true;
	wasm_user_ran = true;
}

/*
 * So much work has been done, in units of half a small system call. The clock is
 * a call into JavaScript, too dear for each: it is read when the budget is spent.
 */
static __always_inline void wasm_spend(int units)
{
	wasm_clock_budget -= units;
	if (unlikely(wasm_clock_budget < 0))
		wasm_clock_budget_spent();
}

/* The same, but not a way into the kernel or out. */
static __always_inline void wasm_spend_work(int units)
{
	wasm_work_units += units;
	wasm_spend(units);
}

/* On the way in as well as out: what a look finds is the program's or the kernel's. */
static __always_inline void wasm_check_clock(void)
{
	wasm_spend(1);
	if (unlikely(READ_ONCE(wasm_irq_pending)))
		wasm_take_irqs();
}

/* irq.c; beside HOST_IRQ_*: it is time for a turn of the host's event loop */
#define WASM_IRQ_TURN		0x80000000UL

/* drivers */
void wasm_console_interrupt(void);
void wasm_console_resize(void);
void wasm_stream_interrupt(void);

#endif
