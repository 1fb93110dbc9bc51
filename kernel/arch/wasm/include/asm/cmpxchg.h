/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_CMPXCHG_H
#define _ASM_WASM_CMPXCHG_H
/*
 * One CPU, and interrupts are calls: they are taken in arch_local_irq_restore(),
 * cpu_relax(), idle and on the way out of a system call, never between two
 * instructions. So a plain read-modify-write is atomic, and since the compiler
 * sees those calls, no barrier is needed either. (asm-generic/cmpxchg.h would
 * save and restore the interrupt flag around each.)
 *
 * Any scalar of 1, 2, 4 or 8 bytes; the cast of the operands allows what
 * callers pass: pointers, enums, NULL.
 */
#define arch_xchg(ptr, new)						\
({									\
	__auto_type __xchg_ptr = (ptr);					\
	__typeof__(*(ptr)) __xchg_new = (__typeof__(*(ptr)))(new);	\
	__typeof__(*(ptr)) __xchg_was = *__xchg_ptr;			\
									\
	*__xchg_ptr = __xchg_new;					\
	__xchg_was;							\
})

#define arch_cmpxchg(ptr, old, new)					\
({									\
	__auto_type __cmpxchg_ptr = (ptr);				\
	__typeof__(*(ptr)) __cmpxchg_old = (__typeof__(*(ptr)))(old);	\
	__typeof__(*(ptr)) __cmpxchg_new = (__typeof__(*(ptr)))(new);	\
	__typeof__(*(ptr)) __cmpxchg_was = *__cmpxchg_ptr;		\
									\
	if (__cmpxchg_was == __cmpxchg_old)				\
		*__cmpxchg_ptr = __cmpxchg_new;				\
	__cmpxchg_was;							\
})

#define arch_cmpxchg64		arch_cmpxchg
#define arch_cmpxchg_local	arch_cmpxchg
#define arch_cmpxchg64_local	arch_cmpxchg

#endif
