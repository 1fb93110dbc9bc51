/* SPDX-License-Identifier: MIT */
/* Remainders of 128-bit numbers, which the compiler leaves to functions.
 * Debian's libclang_rt.builtins has them too, but compiled as for a shared
 * library and with stack protection, which needs a global offset table. */
typedef __int128 i128;
typedef unsigned __int128 u128;

u128 __udivmodti4(u128, u128, u128 *);

static u128 magnitude(i128 a)
{
	return a < 0 ? -(u128)a : a;
}

u128 __umodti3(u128 a, u128 b)
{
	u128 remainder;
	__udivmodti4(a, b, &remainder);
	return remainder;
}

i128 __divmodti4(i128 a, i128 b, i128 *remainder)
{
	u128 rest;
	u128 quotient = __udivmodti4(magnitude(a), magnitude(b), &rest);
	*remainder = a < 0 ? -rest : rest;
	return (a < 0) != (b < 0) ? -quotient : quotient;
}

i128 __modti3(i128 a, i128 b)
{
	i128 remainder;
	__divmodti4(a, b, &remainder);
	return remainder;
}
