/* SPDX-License-Identifier: MIT */
#include <math.h>

double copysign(double x, double y)
{
	__asm__("local.get %1\n\tlocal.get %2\n\tf64.copysign\n\tlocal.set %0"
		: "=r"(x) : "r"(x), "r"(y));
	return x;
}
