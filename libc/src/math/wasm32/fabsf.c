/* SPDX-License-Identifier: MIT */
#include <math.h>

float fabsf(float x)
{
	__asm__("local.get %1\n\tf32.abs\n\tlocal.set %0" : "=r"(x) : "r"(x));
	return x;
}
