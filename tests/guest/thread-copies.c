// SPDX-License-Identifier: MIT
/*
 * Copies of one threaded program, whose futexes are at equal addresses: none takes another's wake-ups. Each copy's threads wait
 * for each other in turns, so that a lost or stolen wake-up would stop it, and one too many would be counted.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

#define COPIES 4
#define THREADS 5
#define ROUNDS 400

extern char **environ;

static int turn, stolen;

static void *take_turns(void *number)
{
	int mine = (int)(intptr_t)number;

	for (int i = 0; i < ROUNDS; i++) {
		int now;

		while ((now = __atomic_load_n(&turn, __ATOMIC_SEQ_CST)) % THREADS != mine)
			syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, now, NULL, NULL, 0);
		__atomic_store_n(&turn, now + 1, __ATOMIC_SEQ_CST);
		/* At most the other threads of this copy wait. */
		if (syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1000, NULL, NULL, 0) > THREADS - 1)
			stolen++;
		sched_yield();
	}
	return NULL;
}

/* What a copy does; its status. */
static int be_copy(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, take_turns, (void *)(intptr_t)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return turn == THREADS * ROUNDS && !stolen ? 0 : 1;
}

int main(int argc, char **argv)
{
	char *arguments[] = { argv[0], "copy", NULL };
	int right = 0, status;
	pid_t child;

	if (argc > 1)
		return be_copy();
	for (int i = 0; i < COPIES; i++)
		right += !posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ);
	ok(right == COPIES, "copies of a program are started");
	right = 0;
	while (wait(&status) > 0)
		right += status == 0;
	ok(right == COPIES, "the threads of each wake each other, and nobody else's");
	for (int i = 0; i < COPIES; i++)
		if (!fork())
			_exit(be_copy());
	right = 0;
	while (wait(&status) > 0)
		right += status == 0;
	ok(right == COPIES, "so do those of forked children");
	return tap_done();
}
