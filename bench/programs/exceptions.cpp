// SPDX-License-Identifier: MIT
/*
 * Jumps and exceptions: what they cost when they happen, and what a function pays that only might. The loops do the same work
 * with and without, so that their rows can be compared.
 */
#include <csetjmp>
#include <cstdint>

extern "C" {
#include "bench.h"
}

#define NOINLINE __attribute__((noinline))

static jmp_buf target;

/* Calls itself `depth` times; each frame has an object to destroy. */
struct object {
	long *count;
	~object() { ++*count; }
};

static long destroyed;

static NOINLINE void throw_from(int depth)
{
	object here = { &destroyed };

	keep(&here);
	if (depth <= 1)
		throw depth;
	throw_from(depth - 1);
}

static NOINLINE void jump_from(int depth)
{
	char here = 0;

	keep(&here);
	if (depth <= 1)
		std::longjmp(target, 1);
	jump_from(depth - 1);
	keep(&here);
}

/* A setjmp that no call follows is left out by clang. */
static NOINLINE void might_jump(int value)
{
	keep(&value);
	if (value < 0)
		std::longjmp(target, 1);
}

static NOINLINE void run_setjmp(long n)
{
	timer_start();
	for (long i = 0; i < n; i++) {
		if (setjmp(target))
			fail("setjmp");
		might_jump(i & 1);
	}
	timer_stop();
}

static NOINLINE void jumps(volatile long n, int depth)
{
	timer_start();
	while (n > 0) {
		n = n - 1;
		if (!setjmp(target))
			jump_from(depth);
	}
	timer_stop();
}

static void run_longjmp(long n)
{
	jumps(n, 1);
}

static void run_longjmp_10(long n)
{
	jumps(n, 10);
}

static NOINLINE void throws(long n, int depth)
{
	timer_start();
	while (n--) {
		try {
			throw_from(depth);
		} catch (int) {
		}
	}
	timer_stop();
}

static void run_throw(long n)
{
	throws(n, 1);
}

static void run_throw_10(long n)
{
	throws(n, 10);
}

static void run_throw_100(long n)
{
	throws(n, 100);
}

static NOINLINE uint32_t step(uint32_t value)
{
	if (value == 12345)
		throw value;
	return value * 1664525 + 1013904223 & ~1u;
}

static NOINLINE uint32_t plain_loop(long n)
{
	uint32_t value = 2;

	while (n--)
		value += step(value);
	return value;
}

static NOINLINE uint32_t try_loop(long n)
{
	uint32_t value = 2;

	while (n--) {
		try {
			value += step(value);
		} catch (uint32_t thrown) {
			value += thrown;
		}
	}
	return value;
}

static NOINLINE uint32_t setjmp_loop(long n)
{
	uint32_t value = 2;

	if (setjmp(target))
		return 0;
	while (n--)
		value += step(value);
	return value;
}

static void run_plain_loop(long n)
{
	timer_start();
	uint32_t value = plain_loop(n);
	timer_stop();
	keep(&value);
}

static void run_try_loop(long n)
{
	timer_start();
	uint32_t value = try_loop(n);
	timer_stop();
	keep(&value);
}

static void run_setjmp_loop(long n)
{
	timer_start();
	uint32_t value = setjmp_loop(n);
	timer_stop();
	keep(&value);
}

extern "C" const struct row rows[] = {
	{ "setjmp", run_setjmp },
	{ "setjmp + longjmp", run_longjmp },
	{ "setjmp + longjmp over 10 frames", run_longjmp_10 },
	{ "throw + catch", run_throw },
	{ "throw + catch over 10 frames", run_throw_10 },
	{ "throw + catch over 100 frames", run_throw_100 },
	{ "a call in a loop", run_plain_loop },
	{ "a call in a try block in a loop", run_try_loop },
	{ "a call in a loop after setjmp", run_setjmp_loop },
	{ nullptr, nullptr },
};
