/* SPDX-License-Identifier: MIT */
#include <math.h>

float copysignf(float x, float y)
{
	__asm__("local.get %1\n\tlocal.get %2\n\tf32.copysign\n\tlocal.set %0"
		: "=r"(x) : "r"(x), "r"(y));
	return x;
}
