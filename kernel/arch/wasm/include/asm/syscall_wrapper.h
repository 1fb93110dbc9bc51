/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_SYSCALL_WRAPPER_H
#define _ASM_WASM_SYSCALL_WRAPPER_H
/*
 * Every entry of sys_call_table is a long (*)(const struct pt_regs *), since an
 * indirect call traps unless the signature is the same. A 64-bit argument takes
 * two consecutive slots, low word first, without padding.
 */
#include <asm/ptrace.h>

asmlinkage long __wasm_sys_ni_syscall(const struct pt_regs *regs);

/* The first and the last slot of argument a, counted by an enum. */
#define __SC_SLOT(t, a)	__first_##a, __last_##a = __first_##a + (sizeof(t) > 4 ? 1 : 0)

#define __SC_FETCH(t, a)							\
	(__typeof(__builtin_choose_expr(__TYPE_IS_LL(t), 0LL, 0L)))		\
	(sizeof(t) > 4 ? ((u64)regs->args[__first_##a] |			\
			  (u64)regs->args[__last_##a] << 32)			\
		       : (u64)regs->args[__first_##a])

#define __SYSCALL_DEFINEx(x, name, ...)						\
	asmlinkage long __wasm_sys##name(const struct pt_regs *regs);		\
	static inline long __do_sys##name(__MAP(x, __SC_DECL, __VA_ARGS__));	\
	static long __se_sys##name(__MAP(x, __SC_LONG, __VA_ARGS__))		\
	{									\
		long ret = __do_sys##name(__MAP(x, __SC_CAST, __VA_ARGS__));	\
		__MAP(x, __SC_TEST, __VA_ARGS__);				\
		return ret;							\
	}									\
	asmlinkage long __wasm_sys##name(const struct pt_regs *regs)		\
	{									\
		enum { __MAP(x, __SC_SLOT, __VA_ARGS__) };			\
		return __se_sys##name(__MAP(x, __SC_FETCH, __VA_ARGS__));	\
	}									\
	static inline long __do_sys##name(__MAP(x, __SC_DECL, __VA_ARGS__))

#define SYSCALL_DEFINE0(sname)							\
	SYSCALL_METADATA(_##sname, 0);						\
	asmlinkage long __wasm_sys_##sname(const struct pt_regs *__unused);	\
	asmlinkage long __wasm_sys_##sname(const struct pt_regs *__unused)

#define COND_SYSCALL(name)							\
	asmlinkage long __weak __wasm_sys_##name(const struct pt_regs *regs);	\
	asmlinkage long __weak __wasm_sys_##name(const struct pt_regs *regs)	\
	{									\
		return sys_ni_syscall();					\
	}

#endif
