// SPDX-License-Identifier: GPL-2.0
/*
 * What the host's tracer (src/trace) asks of the kernel. It sees system calls by
 * itself, outside; it can't see who makes them, nor what signals do. Nothing here
 * runs for a task that is not followed.
 */
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <asm/entry.h>
#include <asm/host.h>

static_assert((int)HOST_FORK_UNWIND == WASM_FORK_UNWIND);
static_assert((int)HOST_FORK_REWIND == WASM_FORK_REWIND);

/* Called at any time, also while a program runs: nothing may be on the shadow stack. */
void wasm_task_describe(struct task_struct *task, void *description)
{
	struct host_task *to = description;

	to->pid = task->pid;
	to->tgid = task->tgid;
	to->parent = task->real_parent->tgid;
	to->space = task->mm ? task->mm->context.space.id : 0;
	to->exit_code = task->exit_code;
	to->fork_state = task->thread.fork_state;
	to->followed = test_tsk_thread_flag(task, TIF_FOLLOWED);
}

void wasm_task_follow(struct task_struct *task)
{
	set_tsk_thread_flag(task, TIF_FOLLOWED);
}

static bool find(struct sigpending *pending, int sig, kernel_siginfo_t *info)
{
	struct sigqueue *q;

	list_for_each_entry(q, &pending->list, list) {
		if (q->info.si_signo == sig) {
			copy_siginfo(info, &q->info);
			return true;
		}
	}
	return false;
}

/* The signal that kills the process; its threads have been sent SIGKILL. */
static bool peek_fatal(kernel_siginfo_t *info)
{
	int sig = current->signal->group_exit_code & 0x7f;

	return sig && thread_group_leader(current) &&
		(find(&current->signal->shared_pending, sig, info) ||
		 find(&current->pending, sig, info));
}

/* The next of these signals, in get_signal()'s order. */
static bool peek(struct sigpending *pending, kernel_siginfo_t *info)
{
	int sig = next_signal(pending, &current->blocked);

	if (!sig)
		return false;
	if (!find(pending, sig, info)) {
		clear_siginfo(info);
		info->si_signo = sig;
	}
	return true;
}

void wasm_report_signal(const struct pt_regs *regs)
{
	struct signal_struct *signal = current->signal;
	kernel_siginfo_t info;
	void __user *handler;
	bool found;

	spin_lock_irq(&current->sighand->siglock);
	found = signal->flags & SIGNAL_GROUP_EXIT ? peek_fatal(&info) :
		peek(&current->pending, &info) || peek(&signal->shared_pending, &info);
	spin_unlock_irq(&current->sighand->siglock);
	/* SIGKILL is never taken: its death is reported as such, when it comes. */
	if (!found || info.si_signo == SIGKILL)
		return;
	handler = current->sighand->action[info.si_signo - 1].sa.sa_handler;
	host_signal_taken(&info, (unsigned long)handler, regs->ret);
}
