// SPDX-License-Identifier: GPL-2.0
/*
 * Polls. A program that computes makes no system calls, and nothing can interrupt
 * it from outside; so each has calls of env.wasmlinux_preempt in its loops and
 * recursions (src/wasm/safepoints.ts), made when the budget of work that the last
 * one returned is spent. A poll is this machine's interrupt: the clock is read,
 * what is due is taken, and what is to be done before user mode goes on is done.
 */
#include <linux/magic.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <asm/entry.h>
#include <asm/mmu_context.h>

/*
 * In the program's units, of about four instructions. These take 0.1 to 80 ns, so
 * that no more than 10 ms pass at first when a program turns slow; then the budget
 * is made smaller. When it is quick there are 13 us for a poll, which takes 0.1.
 */
#define BUDGET_MIN	256
#define BUDGET_FIRST	(1 << 16)
#define BUDGET_MAX	(1 << 17)

/* What is aimed at between two polls, and from what on a budget is too large. */
#define GAP_NS		1000000
#define GAP_MAX_NS	2000000

/* Who was granted a budget last, when, and how often it had been switched to. */
static struct {
	const struct task_struct *task;
	unsigned long switches;
	u64 at;
} granted;

static unsigned long switches_of(const struct task_struct *task)
{
	return task->nvcsw + task->nivcsw;
}

static void adapt_budget(struct task_struct *task, u64 now)
{
	u32 budget = task->thread.poll_budget ?: BUDGET_FIRST;

	if (granted.task == task && granted.switches == switches_of(task)) {
		u32 elapsed = min_t(u64, now - granted.at, U32_MAX);

		if (elapsed > GAP_MAX_NS)
			budget = max_t(u32, budget / (elapsed / GAP_NS), BUDGET_MIN);
		else if (elapsed < GAP_NS / 2)
			budget = min_t(u32, budget * 2, BUDGET_MAX);
	}
	task->thread.poll_budget = budget;
}

/*
 * Not while a frame waits: the libc is about to fetch it and would take another
 * for the one that was announced, with its result. And a program that is not of
 * our libc does not look at a poll's result.
 */
static bool takes_signals(struct task_struct *task)
{
	if (fatal_signal_pending(task))
		return true;
	return task->mm->context.space.thread_entry && !task->thread.signals;
}

static noinline long poll(void)
{
	struct task_struct *task = current;
	struct pt_regs *regs = task_pt_regs(task);
	u64 now;

	/* Its frames are on their way: a handler would find none below it. */
	if (unlikely(task->thread.fork_state != WASM_FORK_NONE))
		return BUDGET_FIRST;
	/* A tick that is due was due in the program. */
	wasm_just_entered = true;
	now = sched_clock();
	adapt_budget(task, now);
	if (unlikely(READ_ONCE(wasm_irq_pending))) {
		wasm_take_irqs();
		now = sched_clock();
	}
	wasm_just_entered = false;
	granted.task = task;
	granted.switches = switches_of(task);
	granted.at = now;

	task->thread.in_user = false;
	regs->nr = NO_SYSCALL;
	regs->ret = task->thread.poll_budget;
	if (unlikely(READ_ONCE(task_thread_info(task)->flags) & _TIF_WORK_MASK)) {
		if (takes_signals(task))
			wasm_exit_work(regs);
		else
			wasm_exit_work_but_signals(regs);
	}
	if (unlikely(*end_of_stack(task) != STACK_END_MAGIC))
		panic("kernel stack overflow in a poll");
	task->thread.in_user = true;
	return regs->ret;
}

s32 wasm_preempt(void)
{
	wasm_set_sp(wasm_stack_base(wasm_current));
	return poll();
}
