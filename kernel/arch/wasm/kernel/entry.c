// SPDX-License-Identifier: GPL-2.0
/*
 * System calls. A program's env.wasmlinux_syscall32 is the machine's trampoline
 * around syscall32() here: one wasm stack, no JavaScript frame. The trampoline
 * has made sure that the engine's stack is deep enough for all that follows.
 *
 * While a program runs, nothing of the kernel lies on its task's shadow stack:
 * each entry begins at the base, and a stack may change hands in between (vfork).
 */
#include <linux/ptrace.h>
#include <linux/resume_user_mode.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/seccomp.h>
#include <linux/uaccess.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/mmu_context.h>
#include <asm/shared.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

static void trace_exit(struct pt_regs *regs, unsigned long work)
{
	if (work & _TIF_SYSCALL_TRACE)
		ptrace_report_syscall_exit(regs, 0);
}

/* ptrace, seccomp. False: the call is not to be made, regs->ret is its result. */
static bool trace_enter(struct pt_regs *regs, unsigned long work)
{
	regs->ret = -ENOSYS;
	if ((work & _TIF_SYSCALL_TRACE) && ptrace_report_syscall_entry(regs))
		return false;
	if ((work & _TIF_SECCOMP) && secure_computing() == -1)
		return false;
	/* Else a tracer has cancelled the call; it may have set the result, too. */
	return regs->nr != NO_SYSCALL;
}

/*
 * fork() and vfork() are imports of their own, but a filter sees the clone()
 * that they are. False: refused, the result is in current_pt_regs()->ret.
 */
bool wasm_enter_clone(unsigned long flags)
{
	unsigned long work = READ_ONCE(current_thread_info()->flags) & _TIF_SYSCALL_WORK;
	struct pt_regs *regs = current_pt_regs();

	regs->nr = __NR_clone;
	memset(regs->args, 0, sizeof(regs->args));
	regs->args[0] = flags;
	return likely(!work) || trace_enter(regs, work);
}

/* The result of that clone() is in current_pt_regs()->ret. */
void wasm_leave_clone(void)
{
	unsigned long work = READ_ONCE(current_thread_info()->flags) & _TIF_SYSCALL_WORK;

	if (unlikely(work))
		trace_exit(current_pt_regs(), work);
}

#define SIGNAL_WORK	(_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL)

static bool exit_work(struct pt_regs *regs, unsigned long mask)
{
	unsigned long work;

	while ((work = READ_ONCE(current_thread_info()->flags) & mask)) {
		if (work & _TIF_NEED_RESCHED)
			schedule();
		if (work & SIGNAL_WORK) {
			if (wasm_handle_signal(regs))
				return true;
			/* One at a time: rt_sigreturn() brings the next. */
			if (regs->ret == WASM_RESULT_SIGNAL)
				mask &= ~SIGNAL_WORK;
		}
		if (work & _TIF_NOTIFY_RESUME) {
			resume_user_mode_work(regs);
			wasm_space_settle();
		}
		/* Last: what others write while this task sleeps makes them stale again. */
		if (work & _TIF_SHARED)
			wasm_shared_enter();
	}
	return false;
}

/* What is to be done before user mode goes on. True: make the call again. */
bool wasm_exit_work(struct pt_regs *regs)
{
	/* The call is only half made: a signal waits for the other half. */
	bool is_half = regs->ret == WASM_RESULT_FORK;

	return exit_work(regs, is_half ? _TIF_WORK_MASK & ~SIGNAL_WORK : _TIF_WORK_MASK);
}

/* The same where no handler can be run, and nothing made again. */
void wasm_exit_work_but_signals(struct pt_regs *regs)
{
	exit_work(regs, _TIF_WORK_MASK & ~SIGNAL_WORK);
}

/* exec, or a vfork child's exit: user mode goes on elsewhere. */
static noinline long leave_stack(void)
{
	struct task_struct *task = current;

	task->thread.new_stack = false;
	if (!task->thread.lender)
		host_task_restart(task);
	wasm_vfork_leave();
	/* The parent now. Nothing may be touched on the child's shadow stack. */
	return WASM_RESULT_VFORK;
}

/* In place of a call's number: its arguments could not be read. */
#define BAD_ARGUMENTS	(~1UL)

static __always_inline void make_call(struct pt_regs *regs)
{
	unsigned long work = READ_ONCE(current_thread_info()->flags) & _TIF_SYSCALL_WORK;

	if (unlikely(work) && !trace_enter(regs, work)) {
		trace_exit(regs, work);
		return;
	}
	if (likely(regs->nr < NR_syscalls))
		regs->ret = wasm_calls[regs->nr](regs);
	else
		regs->ret = regs->nr == BAD_ARGUMENTS ? -EFAULT : -ENOSYS;
	work = READ_ONCE(current_thread_info()->flags) & _TIF_SYSCALL_WORK;
	if (unlikely(work) && regs->ret != WASM_RESULT_FORK)
		trace_exit(regs, work);
}

/* For a host task. */
void wasm_make_call(struct pt_regs *regs)
{
	make_call(regs);
}

/* Hot: getppid() in about 30 ns, of which the engine's call is 2. */
static noinline long syscall(unsigned long nr, unsigned long args)
{
	struct task_struct *task = current;
	struct pt_regs *regs = task_pt_regs(task);

	wasm_check_clock();
	task->thread.in_user = false;
	regs->nr = nr;
	/*
	 * Not checked like other memory: a thread that ends unmaps its stack first, and
	 * its arguments with that. The second look is for one who grows his memory.
	 */
	if (unlikely(wasm_fetch(task->mm, regs->args, args, sizeof(regs->args)) &&
		     raw_copy_from_user(regs->args, (void __user *)args, sizeof(regs->args))))
		regs->nr = BAD_ARGUMENTS;
	do {
		make_call(regs);
		wasm_check_clock();
	} while (unlikely(READ_ONCE(task_thread_info(task)->flags) & _TIF_WORK_MASK) &&
		 wasm_exit_work(regs));
	if (unlikely(*end_of_stack(task) != STACK_END_MAGIC))
		panic("kernel stack overflow in system call %lu", regs->nr);
	if (unlikely(task->thread.new_stack))
		return leave_stack();
	wasm_enter_user(task);
	return regs->ret;
}

/*
 * sigframe_fetch(): without six words of arguments, and no other signal is
 * delivered on the way out. But who only makes this call must be killable too.
 */
static noinline long fetch_signal(unsigned long frame)
{
	struct pt_regs *regs = current_pt_regs();

	wasm_check_clock();
	current->thread.in_user = false;
	regs->nr = NO_SYSCALL;
	regs->ret = wasm_fetch_signal(frame);
	if (need_resched())
		schedule();
	if (fatal_signal_pending(current))
		wasm_exit_work(regs);
	wasm_shared_enter_if_stale();
	wasm_enter_user(current);
	return regs->ret;
}

/* The program gives its task to the host. Comes back when the host does not want it. */
static noinline long serve_host(void)
{
	long ret = wasm_serve_host();

	if (current->thread.new_stack)
		return leave_stack();
	wasm_enter_user(current);
	return ret;
}

s32 wasm_syscall32(u32 nr, unsigned long args)
{
	wasm_set_sp(wasm_stack_base(wasm_current));
	if (unlikely(nr == __NR_wasm_sigframe_fetch))
		return fetch_signal(args);
	if (unlikely(nr == __NR_wasm_fork_unwound))
		return wasm_fork_unwound_to(args);
	if (unlikely(nr == __NR_wasm_host_task))
		return serve_host();
	return syscall(nr, args);
}
