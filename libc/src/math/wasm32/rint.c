/* SPDX-License-Identifier: MIT */
#include <math.h>

double rint(double x)
{
	__asm__("local.get %1\n\tf64.nearest\n\tlocal.set %0" : "=r"(x) : "r"(x));
	return x;
}
