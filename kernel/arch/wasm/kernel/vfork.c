// SPDX-License-Identifier: GPL-2.0
/*
 * vfork(): the child runs on its parent's frames, so task and engine stack are
 * swapped. S is the parent P's stack, H a helper stack, C the child:
 *
 *   S as P  vfork(): vfork_begin suspends S as lent
 *   H as P  vfork_entry(): kernel_clone(); P sleeps until nothing is lent
 *   S as C  the first switch to C resumes S: vfork() returns 0
 *   S as C  exec or exit: vfork_leave; C goes on, on a fresh stack
 *   H as P  awake: vfork_back, H ends
 *   S as P  C's last system call returns WASM_RESULT_VFORK, and the libc jumps
 *           to where vfork() was called
 *
 * A child killed on S leaves it by dying: the trampoline makes the result. When C
 * traps, S is lost and P dies of the same signal. complete_vfork_done() fires in
 * the middle of exec and exit, so P must wait for its stack beside. It nests: C
 * may vfork on S too.
 */
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/syscalls.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/shared.h>
#include <asm/switch_to.h>

struct task_struct *wasm_lender_to_wake;

static void stack_is_back(struct task_struct *parent)
{
	parent->thread.lending = false;
	wake_up_process(parent);
}

/* From finish_task_switch(): prev died on the stack that it had borrowed. */
void wasm_wake_lender(void)
{
	struct task_struct *parent = wasm_lender_to_wake;

	wasm_lender_to_wake = NULL;
	stack_is_back(parent);
}

static noinline void helper(void)
{
	struct kernel_clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK,
		.exit_signal = SIGCHLD,
	};
	struct task_struct *parent = current;
	struct thread_struct *t = &parent->thread;
	struct pt_regs *regs = current_pt_regs();

	/* The way in: */
	t->in_user = true;
	wasm_clock();
	t->in_user = false;
	wasm_check_clock();
	if (wasm_enter_clone(CLONE_VM | CLONE_VFORK | SIGCHLD)) {
		do {
			t->lending = true;
			regs->ret = kernel_clone(&args);
			if (regs->ret < 0)
				t->lending = false;
		} while (regs->ret < 0 && wasm_exit_work(regs));
	}
	t->vfork_result = regs->ret;

	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!READ_ONCE(t->lending))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);

	if (unlikely(t->lost_stack))
		do_group_exit(t->lost_stack);
	wasm_leave_clone();
	t->vfork_result = regs->ret;
	wasm_shared_enter_if_stale();
	wasm_enter_user(current);
	host_vfork_back(parent, wasm_stack_base(parent));
}

void wasm_vfork_entry(struct task_struct *parent)
{
	wasm_set_sp(wasm_stack_base(parent));
	helper();
}

static noinline long vfork_returns(void)
{
	struct thread_struct *t = &current->thread;

	if (!t->just_lent)
		return t->vfork_result;		/* no child was made */
	t->just_lent = false;
	schedule_tail(wasm_switch_prev);
	wasm_shared_enter_if_stale();
	wasm_claim_globals(current);
	wasm_enter_user(current);
	return 0;
}

s32 wasm_vfork(void)
{
	/* Our frames under asyncify_*() believe that the task stays the same. */
	if (wasm_current->thread.fork_state != WASM_FORK_NONE)
		return -EINVAL;
	wasm_current->thread.in_user = false;
	host_vfork_begin(wasm_current);
	wasm_set_sp(wasm_stack_base(wasm_current));
	return vfork_returns();
}

/*
 * Gives the borrowed stack back. Returns as the parent, when that has it: by
 * then the child uses its shadow stack, so callers just return.
 */
void wasm_vfork_leave(void)
{
	struct task_struct *child = current, *parent = child->thread.lender;

	child->thread.lender = NULL;
	stack_is_back(parent);
	host_vfork_leave(child, parent);
}

static int exit_on_new_stack(void *code)
{
	do_group_exit((long)code);
}

/* The exit of a vfork child. Returns as its parent. */
void wasm_vfork_exit(long code)
{
	struct thread_struct *t = &current->thread;

	t->fn = exit_on_new_stack;
	t->fn_arg = (void *)code;
	wasm_vfork_leave();
}

/* A trap has ended the stack that the current task had borrowed. */
void wasm_vfork_lost(u32 signal)
{
	struct task_struct *parent = current->thread.lender;

	if (!parent)
		return;
	current->thread.lender = NULL;
	parent->thread.lost_stack = signal;
	stack_is_back(parent);
}

asmlinkage long __wasm_sys_exit(const struct pt_regs *regs);
asmlinkage long __wasm_sys_exit_group(const struct pt_regs *regs);
asmlinkage long __wasm_vfork_exit(const struct pt_regs *regs);
asmlinkage long __wasm_vfork_result(const struct pt_regs *regs);

/* exit() and exit_group(): a vfork child must first be off its parent's stack. */
asmlinkage long __wasm_vfork_exit(const struct pt_regs *regs)
{
	struct thread_struct *t = &current->thread;

	/* In the middle of a fork the stack is lost: wasm_fork_abandoned(). */
	if (t->lender && t->fork_state == WASM_FORK_NONE) {
		t->fn = exit_on_new_stack;
		t->fn_arg = (void *)((regs->args[0] & 0xff) << 8);
		t->new_stack = true;
		return 0;
	}
	return regs->nr == __NR_exit ? __wasm_sys_exit(regs) : __wasm_sys_exit_group(regs);
}

/* What the last vfork() of this task gave: the child's pid. */
asmlinkage long __wasm_vfork_result(const struct pt_regs *regs)
{
	return current->thread.vfork_result;
}
