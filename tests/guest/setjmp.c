/* SPDX-License-Identifier: MIT */
/* setjmp, longjmp and their relations. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "tap.h"

static jmp_buf target;

__attribute__((noinline)) static void jump_from(int depth, int value)
{
	char frame[256];
	memset(frame, depth, sizeof frame);
	if (depth) jump_from(depth - 1, value);
	else longjmp(target, value);
	if (frame[7] != depth) abort();
}

__attribute__((noinline)) static int nested(void)
{
	jmp_buf inner;
	volatile int count = 0;
	int value = setjmp(inner);
	count++;
	if (count < 4) longjmp(inner, count);
	return value * 10 + count;
}

/* two setjmps in one function, and jumps to both */
__attribute__((noinline)) static int two(void)
{
	jmp_buf first, second;
	volatile int steps = 0;
	if (setjmp(first)) { steps += 10; longjmp(second, 1); }
	if (setjmp(second)) return steps + 100;
	steps++;
	longjmp(first, 1);
}

static void call(void (*function)(jmp_buf, int), jmp_buf env) { function(env, 5); }

int main(void)
{
	volatile int count = 0;
	int value = setjmp(target);
	if (!value) {
		count++;
		jump_from(20, 17);
	}
	ok(value == 17 && count == 1, "longjmp leaves twenty frames with its value");

	value = setjmp(target);
	if (!value) jump_from(0, 0);
	ok(value == 1, "a value of 0 becomes 1");

	volatile int turns = 0;
	for (volatile int i = 0; i < 3; i++) {
		if (!setjmp(target)) jump_from(i, 1);
		turns++;
	}
	ok(turns == 3, "a jump into a loop goes on with the loop");
	ok(nested() == 34, "a buffer is used again and again");
	ok(two() == 111, "two buffers of one function are told apart");

	value = _setjmp(target);
	if (!value) _longjmp(target, 3);
	ok(value == 3, "_setjmp and _longjmp are the same");

	value = setjmp(target);
	if (!value) call((void (*)(jmp_buf, int))longjmp, target);
	ok(value == 5, "longjmp works through a pointer");

	sigset_t set, now;
	sigjmp_buf saved;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	value = sigsetjmp(saved, 1);
	if (!value) {
		sigprocmask(SIG_BLOCK, &set, 0);
		siglongjmp(saved, 4);
	}
	sigprocmask(SIG_SETMASK, 0, &now);
	ok(value == 4 && !sigismember(&now, SIGUSR1), "sigsetjmp with 1 restores the mask");
	value = sigsetjmp(saved, 0);
	if (!value) {
		sigprocmask(SIG_BLOCK, &set, 0);
		siglongjmp(saved, 4);
	}
	sigprocmask(SIG_SETMASK, 0, &now);
	ok(value == 4 && sigismember(&now, SIGUSR1), "sigsetjmp with 0 leaves it");
	return tap_done();
}
