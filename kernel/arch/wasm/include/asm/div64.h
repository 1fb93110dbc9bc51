/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_DIV64_H
#define _ASM_WASM_DIV64_H
/*
 * wasm divides 64-bit integers in one instruction. What <linux/math64.h> and
 * lib/math/div64.c do in loops for 32-bit CPUs is replaced, name by name.
 */
#include <linux/types.h>

#define do_div(n, base) ({					\
	u32 __base = (base);					\
	u32 __rem = (u64)(n) % __base;				\
								\
	(n) = (u64)(n) / __base;				\
	__rem;							\
})

/* lib/math/div64.c: no __div64_32() either. */
#define __div64_32 __div64_32

#define div_u64_rem div_u64_rem
static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

#define div_s64_rem div_s64_rem
static inline s64 div_s64_rem(s64 dividend, s32 divisor, s32 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

#define div64_u64_rem div64_u64_rem
static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

#define div64_u64 div64_u64
static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

#define div64_s64 div64_s64
static inline s64 div64_s64(s64 dividend, s64 divisor)
{
	return dividend / divisor;
}

#endif
