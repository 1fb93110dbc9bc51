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
 * After a trap there is no system call to return from: traps.c.
 */
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/entry.h>
#include <asm/mmu_context.h>
#include <asm/shared.h>
#include <asm/unistd.h>

/* What sigframe_fetch writes; docs/abi.md. The libc's own may follow. */
struct user_signal_frame {
	u32 handler;		/* 0: nothing waited; just rt_sigreturn() */
	u32 flags;		/* SA_* */
	u32 sig;
	s32 ret;		/* for rt_sigreturn() */
	sigset_t oldmask;	/* for rt_sigreturn() */
	siginfo_t info;
	struct stack_choice {
		u32 stack;	/* 0: where it is; else the top of the alternate stack */
		stack_t altstack;	/* for rt_sigreturn() */
	} on;
};

struct wasm_signal {
	struct wasm_signal *next;
	struct ksignal ksig;
	sigset_t oldmask;
	long ret;
	struct stack_choice on;
};

/* What a function may use below the stack pointer is 128 bytes. */
#define USER_RED_ZONE	256

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

static stack_t current_altstack(void)
{
	return (stack_t) {
		.ss_sp = (void __user *)current->sas_ss_sp,
		.ss_flags = current->sas_ss_flags,
		.ss_size = current->sas_ss_size,
	};
}

static bool is_current_altstack(const stack_t *ss)
{
	return (unsigned long)ss->ss_sp == current->sas_ss_sp &&
		ss->ss_size == current->sas_ss_size &&
		ss->ss_flags == current->sas_ss_flags;
}

/* SA_ONSTACK, unless the alternate stack is absent or in use. */
static unsigned long stack_to_take(struct ksignal *ksig)
{
	unsigned long sp, top;

	if (likely(!(ksig->ka.sa.sa_flags & SA_ONSTACK)))
		return 0;
	sp = wasm_user_sp(current);
	top = sigsp(sp, ksig);
	if (top == sp)
		return 0;
	wasm_shared_stack(current->mm, top);
	return top & -16;
}

/* The frame will be on it, but it is the libc that goes there. */
static bool is_usable(unsigned long stack)
{
	unsigned long n = sizeof(struct user_signal_frame);

	return !stack || wasm_accessible(current->mm, stack - n, n, WASM_WRITE) == n;
}

static bool queue_signal(struct ksignal *ksig, long ret)
{
	unsigned long stack = stack_to_take(ksig);
	struct wasm_signal *s, **tail;
	int waiting = 0;

	if (unlikely(!is_usable(stack)))
		return false;

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
	/* Before signal_setup_done(), which disarms it (SS_AUTODISARM). */
	s->on.stack = stack;
	s->on.altstack = current_altstack();
	*tail = s;
	return true;
}

/*
 * sigframe_fetch(frame): the argument is the frame's address itself. One copy of
 * all costs less than several.
 */
long wasm_fetch_signal(unsigned long frame)
{
	struct wasm_signal *s = current->thread.signals;
	struct user_signal_frame f;

	if (!s) {
		f = (struct user_signal_frame) {
			.ret = -EINTR,
			.oldmask = current->blocked,
			.on.altstack = current_altstack(),
		};
		return copy_to_user((void __user *)frame, &f, sizeof(f)) ? -EFAULT : 0;
	}
	f.handler = (u32)s->ksig.ka.sa.sa_handler;
	f.flags = s->ksig.ka.sa.sa_flags;
	f.sig = s->ksig.sig;
	f.ret = s->ret;
	f.oldmask = s->oldmask;
	copy_siginfo_to_external(&f.info, &s->ksig.info);
	f.on = s->on;
	current->thread.signals = s->next;
	kfree(s);
	if (copy_to_user((void __user *)frame, &f, sizeof(f))) {
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
	struct user_signal_frame f;

	/* The result is another call's: it must not restart this one. */
	current_pt_regs()->nr = NO_SYSCALL;
	if (copy_from_user(&f, from, sizeof(f))) {
		force_sig(SIGSEGV);
		return -EFAULT;
	}
	if (unlikely(!is_current_altstack(&f.on.altstack)))
		restore_altstack(&from->on.altstack);
	set_current_blocked(&f.oldmask);
	return f.ret;
}

/*
 * The handler that was queued last begins without a frame of the program below
 * it, on this stack.
 */
unsigned long wasm_trap_stack(void)
{
	struct wasm_signal *s = current->thread.signals;
	unsigned long stack = s->on.stack;

	if (!stack)
		stack = (wasm_user_sp(current) - USER_RED_ZONE) & -16;
	s->on.stack = 0;
	return stack;
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

/* Whether the call in regs, which a signal has ended, is to be made again when no handler runs; as which, is in regs then. */
bool wasm_is_restartable(struct pt_regs *regs)
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
		return wasm_is_restartable(regs);
	}
	queued = queue_signal(&ksig, result_with_handler(regs, &ksig));
	signal_setup_done(!queued, &ksig, 0);
	if (queued)
		regs->ret = WASM_RESULT_SIGNAL;
	return false;
}
