/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_SYSCALL_H
#define _ASM_WASM_SYSCALL_H

#include <uapi/linux/audit.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <asm/ptrace.h>

/* No machine number is assigned to wasm: EM_NONE, 32 bits, little endian. */
#define AUDIT_ARCH_WASM32	(EM_NONE | __AUDIT_ARCH_LE)

typedef long (*syscall_fn_t)(const struct pt_regs *regs);
extern const syscall_fn_t sys_call_table[];
/* What is called: kernel/cputime.c puts itself in place of some. */
extern syscall_fn_t wasm_calls[];

static inline int syscall_get_nr(struct task_struct *task, struct pt_regs *regs)
{
	return regs->nr;
}

static inline void syscall_rollback(struct task_struct *task, struct pt_regs *regs)
{
	/* The arguments are never overwritten. */
}

static inline long syscall_get_error(struct task_struct *task, struct pt_regs *regs)
{
	return IS_ERR_VALUE(regs->ret) ? regs->ret : 0;
}

static inline long syscall_get_return_value(struct task_struct *task,
					    struct pt_regs *regs)
{
	return regs->ret;
}

static inline void syscall_set_return_value(struct task_struct *task,
					    struct pt_regs *regs, int error, long val)
{
	regs->ret = error ?: val;
}

static inline void syscall_get_arguments(struct task_struct *task,
					 struct pt_regs *regs, unsigned long *args)
{
	memcpy(args, regs->args, sizeof(regs->args));
}

static inline int syscall_get_arch(struct task_struct *task)
{
	return AUDIT_ARCH_WASM32;
}

#endif
