/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_ASM_WASM_PTRACE_H
#define _UAPI_ASM_WASM_PTRACE_H

#ifndef __ASSEMBLY__

/*
 * What a debugger may see of a task. A wasm program has no registers: these
 * are the system call it is in, and its shadow stack pointer. There is no
 * program counter that could be named; pc is 0.
 */
struct user_regs_struct {
	unsigned long args[6];
	unsigned long nr;
	unsigned long ret;
	unsigned long sp;
	unsigned long pc;
};

#endif /* !__ASSEMBLY__ */
#endif
