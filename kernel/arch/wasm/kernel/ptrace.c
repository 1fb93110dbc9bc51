// SPDX-License-Identifier: GPL-2.0
/*
 * What is particular to the architecture in ptrace(). A wasm program has no
 * registers: a debugger sees the system call that a task is in, which it may
 * change, and the shadow stack's pointer, which it may not (struct
 * user_regs_struct). Engines can't step: PTRACE_SINGLESTEP is EIO.
 */
#include <linux/elf.h>
#include <linux/ptrace.h>
#include <linux/regset.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>
#include <asm/entry.h>

static struct user_regs_struct registers_of(struct task_struct *task)
{
	const struct pt_regs *regs = task_pt_regs(task);
	struct user_regs_struct user = {
		.nr = regs->nr,
		.ret = regs->ret,
		.sp = wasm_user_sp(task),
	};

	memcpy(user.args, regs->args, sizeof(user.args));
	return user;
}

static int get_registers(struct task_struct *task, const struct user_regset *set,
			 struct membuf to)
{
	struct user_regs_struct user = registers_of(task);

	return membuf_write(&to, &user, sizeof(user));
}

static int set_registers(struct task_struct *task, const struct user_regset *set,
			 unsigned int pos, unsigned int count,
			 const void *kbuf, const void __user *ubuf)
{
	struct user_regs_struct user = registers_of(task);
	struct pt_regs *regs = task_pt_regs(task);
	int ret = user_regset_copyin(&pos, &count, &kbuf, &ubuf, &user, 0, sizeof(user));

	if (ret)
		return ret;
	memcpy(regs->args, user.args, sizeof(user.args));
	regs->nr = user.nr;
	regs->ret = user.ret;
	return 0;
}

static const struct user_regset registers = {
	.core_note_type	= NT_PRSTATUS,
	.n		= sizeof(struct user_regs_struct) / sizeof(u32),
	.size		= sizeof(u32),
	.align		= sizeof(u32),
	.regset_get	= get_registers,
	.set		= set_registers,
};

static const struct user_regset_view view = {
	.name		= "wasm32",
	.e_machine	= EM_NONE,
	.regsets	= &registers,
	.n		= 1,
};

const struct user_regset_view *task_user_regset_view(struct task_struct *task)
{
	return &view;
}

void ptrace_disable(struct task_struct *child)
{
}

static long peek_user(struct task_struct *child, unsigned long at, u32 __user *to)
{
	struct user_regs_struct user = registers_of(child);

	if (at % sizeof(u32) || at >= sizeof(user))
		return -EIO;
	return put_user(((u32 *)&user)[at / sizeof(u32)], to);
}

long arch_ptrace(struct task_struct *child, long request,
		 unsigned long addr, unsigned long data)
{
	u32 value = data;

	switch (request) {
	case PTRACE_PEEKUSR:
		return peek_user(child, addr, (u32 __user *)data);
	case PTRACE_POKEUSR:
		if (addr % sizeof(u32) || addr >= sizeof(struct user_regs_struct))
			return -EIO;
		return set_registers(child, &registers, addr, sizeof(u32), &value, NULL);
	default:
		return ptrace_request(child, request, addr, data);
	}
}
