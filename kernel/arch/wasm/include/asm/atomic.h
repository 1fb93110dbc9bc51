/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_ATOMIC_H
#define _ASM_WASM_ATOMIC_H
/*
 * atomic_t and atomic64_t as plain variables: see asm/cmpxchg.h for why that is
 * atomic here. include/linux/atomic.h makes all other operations of these.
 */
#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/cmpxchg.h>

typedef struct {
	s64 __aligned(8) counter;
} atomic64_t;

#define ATOMIC64_INIT(i)		{ (i) }

#define arch_atomic_read(v)		READ_ONCE((v)->counter)
#define arch_atomic_set(v, i)		WRITE_ONCE((v)->counter, (i))
#define arch_atomic64_read(v)		READ_ONCE((v)->counter)
#define arch_atomic64_set(v, i)		WRITE_ONCE((v)->counter, (i))

#define WASM_ATOMIC_OP(atomic, val_t, op, c_op)				\
static __always_inline void arch_##atomic##_##op(val_t i, atomic##_t *v)	\
{									\
	v->counter c_op i;						\
}									\
static __always_inline val_t						\
arch_##atomic##_fetch_##op(val_t i, atomic##_t *v)			\
{									\
	val_t old = v->counter;						\
									\
	v->counter c_op i;						\
	return old;							\
}

#define WASM_ATOMIC_OP_RETURN(atomic, val_t, op, c_op)			\
static __always_inline val_t						\
arch_##atomic##_##op##_return(val_t i, atomic##_t *v)			\
{									\
	return v->counter c_op i;					\
}

#define WASM_ATOMIC(atomic, val_t)					\
	WASM_ATOMIC_OP(atomic, val_t, add, +=)				\
	WASM_ATOMIC_OP(atomic, val_t, sub, -=)				\
	WASM_ATOMIC_OP(atomic, val_t, and, &=)				\
	WASM_ATOMIC_OP(atomic, val_t, or, |=)				\
	WASM_ATOMIC_OP(atomic, val_t, xor, ^=)				\
	WASM_ATOMIC_OP_RETURN(atomic, val_t, add, +=)			\
	WASM_ATOMIC_OP_RETURN(atomic, val_t, sub, -=)

WASM_ATOMIC(atomic, int)
WASM_ATOMIC(atomic64, s64)

#undef WASM_ATOMIC
#undef WASM_ATOMIC_OP_RETURN
#undef WASM_ATOMIC_OP

#define arch_atomic_add_return		arch_atomic_add_return
#define arch_atomic_sub_return		arch_atomic_sub_return
#define arch_atomic_fetch_add		arch_atomic_fetch_add
#define arch_atomic_fetch_sub		arch_atomic_fetch_sub
#define arch_atomic_fetch_and		arch_atomic_fetch_and
#define arch_atomic_fetch_or		arch_atomic_fetch_or
#define arch_atomic_fetch_xor		arch_atomic_fetch_xor

#define arch_atomic64_add_return	arch_atomic64_add_return
#define arch_atomic64_sub_return	arch_atomic64_sub_return
#define arch_atomic64_fetch_add		arch_atomic64_fetch_add
#define arch_atomic64_fetch_sub		arch_atomic64_fetch_sub
#define arch_atomic64_fetch_and		arch_atomic64_fetch_and
#define arch_atomic64_fetch_or		arch_atomic64_fetch_or
#define arch_atomic64_fetch_xor		arch_atomic64_fetch_xor

#endif
