// SPDX-License-Identifier: GPL-2.0
/*
 * clone() and clone3() that copy the process. A copy needs the program's frames
 * unwound, which only env.wasmlinux_fork can do: so these calls keep what was
 * asked for and answer WASM_RESULT_FORK. The libc then calls wasmlinux_fork(),
 * which makes this clone() in place of a fork (fork.c).
 */
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/entry.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

asmlinkage long __wasm_sys_clone(const struct pt_regs *regs);
asmlinkage long __wasm_sys_clone3(const struct pt_regs *regs);
asmlinkage long __wasm_clone(const struct pt_regs *regs);

static long call(const struct pt_regs *regs)
{
	return regs->nr == __NR_clone ? __wasm_sys_clone(regs) : __wasm_sys_clone3(regs);
}

static bool copies_process(const struct pt_regs *regs)
{
	u64 flags = regs->args[0];

	if (!current->mm->context.space.asyncify ||
	    current->thread.fork_state != WASM_FORK_NONE)
		return false;
	if (regs->nr == __NR_clone3 &&
	    (regs->args[1] < CLONE_ARGS_SIZE_VER0 ||
	     get_user(flags, (u64 __user *)regs->args[0])))
		return false;
	return !(flags & CLONE_VM);
}

asmlinkage long __wasm_clone(const struct pt_regs *regs)
{
	struct thread_struct *t = &current->thread;

	if (!copies_process(regs))
		return call(regs);
	t->clone.nr = regs->nr;
	memcpy(t->clone.args, regs->args, sizeof(regs->args));
	return WASM_RESULT_FORK;
}

/* fork() has been called: is it to make such a clone()? Its registers then are back. */
bool wasm_clone_asked(struct pt_regs *regs)
{
	struct thread_struct *t = &current->thread;

	if (!t->clone.nr)
		return false;
	regs->nr = t->clone.nr;
	memcpy(regs->args, t->clone.args, sizeof(regs->args));
	t->clone.nr = 0;
	return true;
}

/* The frames are unwound: copies the process as the registers say. */
long wasm_copy_process(const struct pt_regs *regs)
{
	return call(regs);
}
