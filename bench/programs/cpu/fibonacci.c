// SPDX-License-Identifier: MIT
/* Calls and returns: the recursive definition of Fibonacci's numbers. */
#include "kernels.h"

static __attribute__((noinline)) uint32_t fib(uint32_t n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

uint64_t fibonacci(void)
{
	volatile uint32_t n = 27;

	return fib(n);
}
