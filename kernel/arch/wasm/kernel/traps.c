// SPDX-License-Identifier: GPL-2.0
/*
 * The engine's traps (unreachable, out of bounds, division, stack overflow). A
 * trap destroys the engine stack that it happened on: the host begins another at
 * fault_entry(), where the program dies of a signal, or the kernel panics.
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

void *wasm_scratch(void)
{
	return scratch;
}

static noinline void fault(u32 signal, const char *description)
{
	struct task_struct *task = current;

	if (!task->thread.in_user)
		panic("trap in kernel mode, task %s[%d]: %s", task->comm,
		      task_pid_nr(task), description);
	task->thread.in_user = false;
	pr_info_ratelimited("%s[%d]: signal %u: %s\n", task->comm,
			    task_pid_nr(task), signal, description);
	wasm_vfork_lost(signal);
	wasm_keep_trap(description);
	wasm_die_of_trap(signal);
}

void wasm_fault_entry(u32 signal, void *description)
{
	if (wasm_current->thread.in_user)
		wasm_set_sp(wasm_stack_base(wasm_current));
	else
		wasm_set_sp((unsigned long)emergency_stack + sizeof(emergency_stack));
	fault(signal, description);
}

void show_regs(struct pt_regs *regs)
{
	show_regs_print_info(KERN_DEFAULT);
	pr_info("system call %ld(%lx, %lx, %lx, %lx, %lx, %lx) = %ld\n",
		(long)regs->nr, regs->args[0], regs->args[1], regs->args[2],
		regs->args[3], regs->args[4], regs->args[5], regs->ret);
}
