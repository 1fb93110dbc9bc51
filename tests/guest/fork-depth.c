/* SPDX-License-Identifier: MIT */
/* fork from as deep as a stack goes: both processes come back through all frames.
 * Near the stack's end the program dies of SIGSEGV, and of nothing else. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "children.h"
#include "tap.h"

static jmp_buf target;
static int way_back;
static unsigned sum;
static pid_t pid;

/* no frame is on the stack in memory, and none can be left out */
__attribute__((noinline)) static unsigned slim(int depth)
{
	if (depth == 0) {
		pid = fork();
		if (way_back == 1 && pid == 0) longjmp(target, 1);
		if (way_back == 2) longjmp(target, 1);
		return 1;
	}
	return slim(depth - 1) * 3 + depth;
}

/* many values live across the call */
__attribute__((noinline)) static unsigned fat(int depth, unsigned a, unsigned long long b, double c, unsigned d,
					      unsigned long long e, double f, unsigned g, double h)
{
	if (depth == 0) {
		pid = fork();
		return 1;
	}
	unsigned below = fat(depth - 1, a + 1, b * 3, c + 0.5, d ^ a, e + b, f - c, g + d, h + 1);
	return below * 7 + a + (unsigned)b + (unsigned)c + d + (unsigned)e + (unsigned)f + g + (unsigned)h;
}

static unsigned slim_sum(int depth)
{
	unsigned expected = 1;
	for (int i = 1; i <= depth; i++) expected = expected * 3 + i;
	return expected;
}

/* what becomes of a fork at that depth: 7 when both were right, else how it died */
static int outcome(int depth)
{
	pid_t tried = fork();
	if (tried == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		sum = slim(depth);
		if (pid < 0) _exit(1);
		if (sum != slim_sum(depth)) _exit(2);
		if (pid == 0) _exit(5);
		_exit(status_of(pid) == 5 ? 7 : 3);
	}
	return status_of(tried);
}

static void *in_thread(void *arg)
{
	sum = slim((intptr_t)arg);
	if (pid == 0) _exit(sum == slim_sum((intptr_t)arg) ? 5 : 1);
	return (void *)(intptr_t)(sum == slim_sum((intptr_t)arg) && status_of(pid) == 5);
}

int main(void)
{
	ok(outcome(10000) == 7, "ten thousand frames deep");
	unsigned once = fat(1500, 1, 2, 3, 4, 5, 6, 7, 8);
	if (pid == 0) _exit(once % 251);
	int status = status_of(pid);
	ok(status >= 0 && (unsigned)status == once % 251, "with many values in each frame");
	int right = 0;
	for (int i = 0; i < 20; i++) {
		sum = slim(2000);
		if (pid == 0) _exit(sum == slim_sum(2000) ? i : 99);
		right += status_of(pid) == i && sum == slim_sum(2000);
	}
	ok(right == 20, "in a loop");
	way_back = 1;
	if (setjmp(target)) _exit(9);
	sum = slim(3000);
	ok(sum == slim_sum(3000) && status_of(pid) == 9, "a child leaves three thousand frames by longjmp");
	way_back = 2;
	if (!setjmp(target)) slim(3000);
	if (pid == 0) _exit(10);
	ok(status_of(pid) == 10, "both do");
	if (!setjmp(target)) slim(100);
	if (pid == 0) _exit(11);
	way_back = 0;
	ok(status_of(pid) == 11 && outcome(100) == 7, "and fork again");

	pthread_t t;
	void *result;
	pthread_create(&t, 0, in_thread, (void *)5000);
	pthread_join(t, &result);
	ok(result != 0, "five thousand frames deep in a thread");

#ifdef __wasm__
	int deepest = 10000, too_deep = 40000;
	while (too_deep - deepest > 1) {
		int middle = (deepest + too_deep) / 2;
		if (outcome(middle) == 7) deepest = middle;
		else too_deep = middle;
	}
	int clear = 1;
	for (int depth = deepest - 100; depth < deepest + 1500 && clear; depth += 50) {
		int how = outcome(depth);
		clear = how == 7 || how == -SIGSEGV;
		if (!clear) printf("# depth %d: %d\n", depth, how);
	}
	ok(clear, "around the stack's end it works or ends in SIGSEGV");
#endif
	return tap_done();
}
