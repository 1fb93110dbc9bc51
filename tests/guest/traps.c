// SPDX-License-Identifier: MIT
/*
 * Every trap that C can make, wherever a program may run into it: the program dies of the right signal, alone. What C can't make
 * (trapping conversions, exceptions, tables) is in tests/hostile/modules.ts.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

static volatile int zero, minus_one = -1;
static volatile uintptr_t nowhere = 0xfffffff0;
static _Alignas(8) char words[64];

static void unreachable(void)
{
	__builtin_trap();
}

static void divide(void)
{
	volatile int seven = 7;

	seven = seven / zero;
}

static void divide_too_far(void)
{
	volatile int least = INT32_MIN;

	zero = least / minus_one;
}

static void load(void)
{
	zero = *(volatile int *)nowhere;
}

static void store(void)
{
	*(volatile int *)nowhere = 1;
}

static void copy(void)
{
	volatile size_t much = 0x7fffffff;

	memmove(words, (void *)nowhere, much);
}

static void fill(void)
{
	volatile size_t much = 0xfffff000;

	memset(words, 1, much);
}

static void call_null(void)
{
	void (*volatile function)(void) = NULL;

	function();
}

static void call_beyond_table(void)
{
	((void (*)(void))nowhere)();
}

static void call_with_other_type(void)
{
	void (*volatile function)(void) = unreachable;

	((double (*)(double, int))function)(1, 2);
}

static void unaligned_atomic(void)
{
	int *volatile unaligned = (int *)(words + 1);

	__atomic_fetch_add(unaligned, 1, __ATOMIC_SEQ_CST);
}

static int deeper(int depth)
{
	volatile char frame[32];

	frame[depth % 32] = depth;
	return deeper(depth + 1) + frame[depth / 2 % 32];
}

static void recurse(void)
{
	zero = deeper(0);
}

static void (*trap)(void);

static void *thread(void *argument)
{
	trap();
	return NULL;
}

static void handler(int signal)
{
	trap();
}

static void in_main(void)
{
	trap();
}

static void in_thread(void)
{
	pthread_t id;

	pthread_create(&id, NULL, thread, NULL);
	pthread_join(id, NULL);
}

static void in_handler(void)
{
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
}

/* A handler for its own signal is not run: the frames are gone. */
static void with_handler(void)
{
	for (int signal_number = 1; signal_number < 32; signal_number++)
		signal(signal_number, handler);
	trap();
}

static void blocked(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	trap();
}

/* The grandchild's death is its own; the child dies in the same way then. */
static void in_fork(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		trap();
		_exit(0);
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		trap();
}

/* It runs on its parent's stack, which dies with it. */
static void in_vfork(void)
{
	if (!vfork()) {
		trap();
		_exit(0);
	}
}

static int signal_of(void (*run)(void))
{
	pid_t child = fork();
	int status;

	if (!child) {
		run();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

int main(void)
{
	static const struct {
		void (*trap)(void);
		int signal;
		const char *what;
	} traps[] = {
		{ unreachable, SIGILL, "unreachable" },
		{ divide, SIGFPE, "a division by zero" },
		{ divide_too_far, SIGFPE, "a quotient that is no number" },
		{ load, SIGSEGV, "a load out of bounds" },
		{ store, SIGSEGV, "a store out of bounds" },
		{ copy, SIGSEGV, "a copy out of bounds" },
		{ fill, SIGSEGV, "a fill out of bounds" },
		{ call_null, SIGSEGV, "a call of NULL" },
		{ call_beyond_table, SIGSEGV, "a call beyond the table" },
		{ call_with_other_type, SIGSEGV, "a call of a function of another type" },
		{ unaligned_atomic, SIGBUS, "an unaligned atomic" },
		{ recurse, SIGSEGV, "endless recursion" },
	};
	static const struct {
		void (*run)(void);
		const char *where;
	} places[] = {
		{ in_main, "in main" }, { in_thread, "in a thread" }, { in_handler, "in a handler" },
		{ with_handler, "with handlers" }, { blocked, "with all signals blocked" },
		{ in_fork, "in a fork child" }, { in_vfork, "in a vfork child" },
	};

	for (unsigned int i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		trap = traps[i].trap;
		for (unsigned int j = 0; j < sizeof(places) / sizeof(places[0]); j++) {
			char what[100];
			int got = signal_of(places[j].run);

			snprintf(what, sizeof(what), "%s %s: signal %d", traps[i].what, places[j].where, got);
			ok(got == traps[i].signal, what);
		}
	}
	return tap_done();
}
