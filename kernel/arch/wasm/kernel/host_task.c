// SPDX-License-Identifier: GPL-2.0
/*
 * Host tasks: tasks of Linux whose code is the host's TypeScript (src/task). Such a
 * task stays in the kernel: it waits for a call from the host, makes it as a system
 * call of its own, says what came of it, and waits for the next one. What the calls
 * point to lies in the task's memory, which the host can reach as any program's.
 *
 * The first is a program that gives itself up by a system call of this
 * architecture; others are its threads and children. A successful exec ends a
 * task's service, and a program goes on in its place: so the host starts programs.
 */
#include <linux/oom.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/task_work.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

/* Interrupts are off. */
void wasm_host_call_interrupt(void)
{
	u32 event;

	while ((event = host_call_event())) {
		struct task_struct *task = (struct task_struct *)(event & ~1UL);

		if (event & 1) {
			task->thread.breaks_off = true;
			set_notify_signal(task);
		} else {
			wake_up_state(task, TASK_INTERRUPTIBLE);
		}
	}
}

/*
 * Signals do here what they do without a handler: no code of the host's could run
 * in the middle of a call. Who wants to know of them reads a signalfd.
 */
static void take_signals(void)
{
	struct ksignal ksig;

	if (signal_pending(current))
		while (get_signal(&ksig))
			;
	restore_saved_sigmask();
}

static void wait_for_call(struct host_call *call)
{
	struct pt_regs *regs = current_pt_regs();

	for (;;) {
		wasm_check_clock();
		regs->nr = NO_SYSCALL;
		wasm_exit_work_but_signals(regs);
		take_signals();
		set_current_state(TASK_INTERRUPTIBLE);
		if (host_call_next(current, call))
			break;
		if (!signal_pending(current))
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	__set_current_state(TASK_RUNNING);
}

/* The host no longer cares, and the next call must not feel it. */
static void end_break_off(void)
{
	current->thread.breaks_off = false;
	clear_notify_signal();
	if (task_work_pending(current))
		task_work_run();
}

static int begin(void *token);

/* Its number. The child shares the memory in any case, until it executes a program. */
static long clone_task(u32 flags, u32 token)
{
	struct kernel_clone_args args = {
		.flags = (flags & ~CSIGNAL) | CLONE_VM | CLONE_UNTRACED,
		.exit_signal = flags & CSIGNAL,
		.fn = begin,
		.fn_arg = (void *)token,
	};

	return kernel_clone(&args);
}

static long make_call(const struct host_call *call)
{
	struct pt_regs *regs = current_pt_regs();
	bool again;

	/* A signal that stopped the task's wait has taken the mark away that ends a sleep. */
	if (current->thread.breaks_off)
		return -EINTR;
	if (call->nr == HOST_CALL_CLONE)
		return clone_task(call->a0, call->a1);
	regs->nr = call->nr;
	memcpy(regs->args, &call->a0, sizeof(regs->args));
	do {
		wasm_make_call(regs);
		wasm_check_clock();
		again = wasm_is_restartable(regs);
		if (current->thread.breaks_off) {
			if (again)
				regs->ret = -EINTR;
			again = false;
		}
		wasm_exit_work_but_signals(regs);
		take_signals();
	} while (again);
	return regs->ret;
}

/* What all others depend on: neither a signal nor the OOM killer ends it. */
static void protect(void)
{
	current->signal->flags |= SIGNAL_UNKILLABLE;
	current->signal->oom_score_adj = OOM_SCORE_ADJ_MIN;
}

/* Comes back when exec has made the task another program's, or with an error when the host does not want it. */
static long serve(void)
{
	struct thread_struct *t = &current->thread;
	struct host_call call;
	long ret;

	if (!host_call_attach(current, current->mm->context.space.id, t->host_token))
		return -EPERM;
	t->serves_host = true;
	if (!t->host_token)
		protect();
	do {
		wait_for_call(&call);
		ret = make_call(&call);
		if (t->breaks_off)
			end_break_off();
		host_call_done(current, ret);
	} while (!t->new_stack);
	wasm_leave_host(current);
	return 0;
}

/* The system call by which a program becomes the host's. */
long wasm_serve_host(void)
{
	current->thread.in_user = false;
	if (!current->thread.host_token && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	return serve();
}

/* What a host task begins with that another one has made. */
static int begin(void *token)
{
	current->thread.host_token = (u32)token;
	/* Not what its maker is for the OOM killer. */
	if (thread_group_leader(current))
		current->signal->oom_score_adj = 0;
	if (serve())
		do_exit(0);
	return 0;
}

/* The task ends. */
void wasm_leave_host(struct task_struct *task)
{
	if (task->thread.serves_host)
		host_call_left(task);
	task->thread.serves_host = false;
}
