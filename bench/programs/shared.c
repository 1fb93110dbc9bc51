// SPDX-License-Identifier: MIT
/* Memory that two processes share: they take turns by a futex in it, and write to a page more each time. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

#define MIB (1 << 20)
#define PAGE 4096

/* Whose turn it is: 0 the parent's, 1 the child's. */
static _Atomic int *turn;

static void await_turn(int mine)
{
	while (*turn != mine)
		syscall(SYS_futex, turn, FUTEX_WAIT, !mine, NULL);
}

static void pass_turn(int to)
{
	*turn = to;
	syscall(SYS_futex, turn, FUTEX_WAKE, 1);
}

/* Each process writes to one page more, another one each turn. */
static void touch(char *map, size_t bytes, long turns)
{
	size_t pages = bytes / PAGE;

	if (pages > 1)
		map[(1 + (size_t)turns * 7919 % (pages - 1)) * PAGE] += 1;
}

static void take_turns(long n, size_t bytes, int touched)
{
	char *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	if (map == MAP_FAILED)
		fail("mmap");
	if (touched)
		memset(map, 1, bytes);
	turn = (_Atomic int *)map;
	*turn = 0;
	child = fork();
	if (child < 0)
		fail("fork");
	for (long i = 0; !child; i++) {
		await_turn(1);
		if (touched)
			touch(map, bytes, 2 * i);
		pass_turn(0);
	}
	/* The first turn brings the child all of it. */
	pass_turn(1);
	await_turn(0);
	timer_start();
	for (long i = 0; i < n; i++) {
		if (touched)
			touch(map, bytes, 2 * i + 1);
		pass_turn(1);
		await_turn(0);
	}
	timer_stop();
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	munmap(map, bytes);
}

static void run_page(long n)
{
	take_turns(n, PAGE, 1);
}

static void run_1(long n)
{
	take_turns(n, MIB, 1);
}

static void run_16(long n)
{
	take_turns(n, 16 * MIB, 1);
}

static void run_100(long n)
{
	take_turns(n, 100 * MIB, 1);
}

static void run_untouched(long n)
{
	take_turns(n, 100 * MIB, 0);
}

const struct row rows[] = {
	{ "futex round trip, 4 KiB shared", run_page },
	{ "with 1 MiB shared", run_1 },
	{ "with 16 MiB shared", run_16 },
	{ "with 100 MiB shared", run_100 },
	{ "with 100 MiB, never touched", run_untouched },
	{ NULL, NULL },
};
