// SPDX-License-Identifier: GPL-2.0
/*
 * Signals. A handler is called by the libc, not from here, so that no frame of
 * the kernel lies below it and it may siglongjmp(), fork or be interrupted:
 *
 *   a system call returns WASM_RESULT_SIGNAL; the frame waits in thread.signals
 *   the libc fetches it (sigframe_fetch), calls the handler,
 *   and rt_sigreturn(frame) restores the mask; its result is that of the call
 *   that was interrupted, or WASM_RESULT_RESTART
 *
 * A handler that leaves by siglongjmp() leaves nothing behind in the kernel.
 */
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/entry.h>
#include <asm/unistd.h>

/* What sigframe_fetch writes; docs/abi.md. A ucontext of the libc's may follow. */
struct user_signal_frame {
	u32 handler;		/* 0: nothing waited; just rt_sigreturn() */
	u32 flags;		/* SA_* */
	u32 sig;
	s32 ret;		/* for rt_sigreturn() */
	sigset_t oldmask;	/* for rt_sigreturn() */
	siginfo_t info;
};

struct wasm_signal {
	struct wasm_signal *next;
	struct ksignal ksig;
	sigset_t oldmask;
	long ret;
};

/* A program that never fetches has at most so many frames. */
#define MAX_WAITING	64

void wasm_drop_signals(struct task_struct *task)
{
	struct wasm_signal *s;

	while ((s = task->thread.signals)) {
		task->thread.signals = s->next;
		kfree(s);
	}
}

static bool queue_signal(struct ksignal *ksig, long ret)
{
	struct wasm_signal *s, **tail;
	int waiting = 0;

	for (tail = &current->thread.signals; *tail; tail = &(*tail)->next)
		if (++waiting == MAX_WAITING)
			return false;
	s = kmalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return false;
	s->next = NULL;
	s->ksig = *ksig;
	s->oldmask = *sigmask_to_save();
	s->ret = ret;
	*tail = s;
	return true;
}

/* sigframe_fetch(frame): the argument is the frame's address itself. */
long wasm_fetch_signal(unsigned long frame)
{
	struct user_signal_frame __user *to = (void __user *)frame;
	struct wasm_signal *s = current->thread.signals;
	struct user_signal_frame head = { .ret = -EINTR };
	size_t head_size = offsetof(struct user_signal_frame, info);
	bool fault;

	if (!s) {
		head.oldmask = current->blocked;
		return copy_to_user(to, &head, head_size) ? -EFAULT : 0;
	}
	head.handler = (u32)s->ksig.ka.sa.sa_handler;
	head.flags = s->ksig.ka.sa.sa_flags;
	head.sig = s->ksig.sig;
	head.ret = s->ret;
	head.oldmask = s->oldmask;
	fault = copy_to_user(to, &head, head_size) ||
		copy_siginfo_to_user(&to->info, &s->ksig.info);
	current->thread.signals = s->next;
	kfree(s);
	if (fault) {
		force_sig(SIGSEGV);
		return -EFAULT;
	}
	return 0;
}

asmlinkage long __wasm_rt_sigreturn(const struct pt_regs *regs);

/* rt_sigreturn(frame) */
asmlinkage long __wasm_rt_sigreturn(const struct pt_regs *regs)
{
	struct user_signal_frame __user *from = (void __user *)regs->args[0];
	struct user_signal_frame head;

	/* The result is another call's: it must not restart this one. */
	current_pt_regs()->nr = NO_SYSCALL;
	if (copy_from_user(&head, from, offsetof(struct user_signal_frame, info))) {
		force_sig(SIGSEGV);
		return -EFAULT;
	}
	set_current_blocked(&head.oldmask);
	return head.ret;
}

/* The interrupted call's result, when a handler runs first. */
static long result_with_handler(const struct pt_regs *regs, const struct ksignal *ksig)
{
	if (regs->nr == NO_SYSCALL)
		return regs->ret;
	switch (regs->ret) {
	case -ERESTARTNOINTR:
		return WASM_RESULT_RESTART;
	case -ERESTARTSYS:
		return ksig->ka.sa.sa_flags & SA_RESTART ? WASM_RESULT_RESTART : -EINTR;
	case -ERESTARTNOHAND:
	case -ERESTART_RESTARTBLOCK:
		return -EINTR;
	default:
		return regs->ret;
	}
}

static bool restart_without_handler(struct pt_regs *regs)
{
	if (regs->nr == NO_SYSCALL)
		return false;
	switch (regs->ret) {
	case -ERESTART_RESTARTBLOCK:
		regs->nr = __NR_restart_syscall;
		return true;
	case -ERESTARTNOINTR:
	case -ERESTARTSYS:
	case -ERESTARTNOHAND:
		return true;
	default:
		return false;
	}
}

/* True: no handler runs and the call is to be made again. */
bool wasm_handle_signal(struct pt_regs *regs)
{
	struct ksignal ksig;
	bool queued;

	if (unlikely(test_thread_flag(TIF_FOLLOWED)))
		wasm_report_signal(regs);
	if (!get_signal(&ksig)) {
		restore_saved_sigmask();
		return restart_without_handler(regs);
	}
	queued = queue_signal(&ksig, result_with_handler(regs, &ksig));
	signal_setup_done(!queued, &ksig, 0);
	if (queued)
		regs->ret = WASM_RESULT_SIGNAL;
	return false;
}
