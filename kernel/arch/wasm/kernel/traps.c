// SPDX-License-Identifier: GPL-2.0
/*
 * The engine's traps (unreachable, out of bounds, division, stack overflow). A
 * trap destroys the engine stack that it happened on: the host begins another at
 * fault_entry(), where the program gets a signal, or the kernel panics. Its
 * handler begins at __wasm_thread_entry(0, signal, stack, 0) on a third stack,
 * in the same instance: it has the program's memory, and no frame below it to
 * return to.
 */
#include <linux/kernel.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <asm/entry.h>
#include <asm/host.h>

/* The trapped stack may have been overflown: the report needs another. */
static unsigned long emergency_stack[THREAD_SIZE / sizeof(unsigned long)]
	__aligned(16);

static char scratch[4096];

/* In the units of wasm_spend_work(): the engine takes some 0.1 ms for a trap. */
#define TRAP_COST	4096

void *wasm_scratch(void)
{
	return scratch;
}

/*
 * The trapped instruction can't be executed again: where Linux would come back to
 * it, and trap for ever, the program ends.
 */
void wasm_trap_handled(u32 signal)
{
	pr_info_ratelimited("%s[%d]: the handler of a trap has returned\n",
			    current->comm, task_pid_nr(current));
	wasm_die_of_trap(signal);
}

/* A stack that has run out of its memory is where it trapped; no engine tells more. */
static void __user *fault_address(u32 signal)
{
	unsigned long sp = wasm_user_sp(current);

	return signal == SIGSEGV && sp >= current->mm->context.space.size ?
		(void __user *)sp : NULL;
}

/* Blocked or ignored, the signal kills; so it does when no handler can begin. */
static bool begin_handler(u32 signal, u32 code)
{
	struct thread_struct *t = &current->thread;
	const struct host_space *space = &current->mm->context.space;
	struct pt_regs *regs = current_pt_regs();
	unsigned long stack;

	/* A vfork child's frames were its parent's; half a fork can't be left. */
	if (!space->thread_entry || t->lender || t->fork_state != WASM_FORK_NONE)
		return false;
	/* What waits was to run on the frames that are lost. */
	wasm_drop_signals(current);
	regs->nr = NO_SYSCALL;
	regs->ret = 0;
	if (code)
		force_sig_fault(signal, code, fault_address(signal));
	else
		force_sig(signal);
	wasm_exit_work(regs);
	if (regs->ret != WASM_RESULT_SIGNAL)
		return false;		/* a tracer kept it */
	stack = wasm_trap_stack();
	if (stack > space->size)
		return false;
	t->entry_kind = WASM_ENTRY_TRAP;
	t->entry_args[0] = 0;
	t->entry_args[1] = signal;
	t->entry_args[2] = stack;
	t->entry_args[3] = 0;
	return true;
}

static noinline void fault(u32 signal, u32 code, const char *description)
{
	struct task_struct *task = current;

	if (!task->thread.in_user)
		panic("trap in kernel mode, task %s[%d]: %s", task->comm,
		      task_pid_nr(task), description);
	wasm_clock();
	task->thread.in_user = false;
	/* A handler may do nothing but trap again. */
	wasm_spend_work(TRAP_COST);
	wasm_check_clock();
	pr_info_ratelimited("%s[%d]: signal %u: %s\n", task->comm,
			    task_pid_nr(task), signal, description);
	wasm_keep_trap(description);
	if (begin_handler(signal, code))
		host_task_restart(task);
	wasm_vfork_lost(signal);
	wasm_die_of_trap(signal);
}

void wasm_fault_entry(u32 signal, u32 code, void *description)
{
	if (wasm_current->thread.in_user)
		wasm_set_sp(wasm_stack_base(wasm_current));
	else
		wasm_set_sp((unsigned long)emergency_stack + sizeof(emergency_stack));
	fault(signal, code, description);
}

void show_regs(struct pt_regs *regs)
{
	show_regs_print_info(KERN_DEFAULT);
	pr_info("system call %ld(%lx, %lx, %lx, %lx, %lx, %lx) = %ld\n",
		(long)regs->nr, regs->args[0], regs->args[1], regs->args[2],
		regs->args[3], regs->args[4], regs->args[5], regs->ret);
}
