/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_PTRACE_H
#define _ASM_WASM_PTRACE_H

#include <uapi/asm/ptrace.h>

#ifndef __ASSEMBLY__
struct task_struct;

/*
 * The system call a task is in. Lies at the top of its kernel stack; everything
 * else that other machines keep here is in the engine's frames.
 */
struct pt_regs {
	unsigned long args[6];
	unsigned long nr;		/* NO_SYSCALL: not to be restarted */
	long ret;
	struct task_struct *task;	/* whose they are; never changes */
} __aligned(16);

#define NO_SYSCALL	(~0UL)

#define user_mode(regs)			wasm_user_mode(regs)
#define instruction_pointer(regs)	((void)(regs), 0UL)
#define profile_pc(regs)		((void)(regs), 0UL)
#define user_stack_pointer(regs)	wasm_user_sp((regs)->task)
#define current_user_stack_pointer()	wasm_user_sp(current)
#define kernel_stack_pointer(regs)	((unsigned long)(regs))
#define current_pt_regs()		task_pt_regs(current)

bool wasm_user_mode(const struct pt_regs *regs);
unsigned long wasm_user_sp(struct task_struct *task);

static inline long regs_return_value(struct pt_regs *regs)
{
	return regs->ret;
}

static inline void instruction_pointer_set(struct pt_regs *regs, unsigned long v)
{
}
#endif /* !__ASSEMBLY__ */
#endif
