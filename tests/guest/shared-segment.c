// SPDX-License-Identifier: MIT
/*
 * What PostgreSQL does with shared memory: eight processes, a segment of 64 MiB, locks in it that are spun on and then slept on (a
 * futex, a System V semaphore), a million increments each. No increment may be lost. Argument: increments of a process. Passes on
 * native Linux too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "tap.h"

#define PROCESSES 8
#define LOCKS 16
#define SPINS 100
#define SEGMENT (64u << 20)
#define PAGE 4096u
#define PAGES (SEGMENT / PAGE)
/* Of so many increments one is of a counter somewhere in the segment, the others of the lock's own. */
#define FAR_EVERY 64

/* The first page of the segment. */
struct head {
	struct {
		_Atomic int word; /* 0: free, 1: taken, 2: taken and waited for */
		_Atomic int waiters;
		long near;
	} lock[LOCKS];
};

/* Each other page's counter belongs to the lock of its number, and is at an odd place. */
struct segment {
	char *at;
	int semaphores; /* or -1: futexes */
};

static struct head *head(const struct segment *segment)
{
	return (struct head *)segment->at;
}

static long *far_counter(const struct segment *segment, unsigned page)
{
	return (long *)(segment->at + page * PAGE + page * 8 % PAGE);
}

static void wait_by_futex(_Atomic int *word)
{
	while (atomic_exchange(word, 2))
		syscall(SYS_futex, word, FUTEX_WAIT, 2, NULL, NULL, 0);
}

/* Who waits counts itself first and then tries once more, so that no post is missed. */
static void wait_by_semaphore(const struct segment *segment, int lock)
{
	struct sembuf down = { .sem_num = lock, .sem_op = -1 };
	_Atomic int *waiters = &head(segment)->lock[lock].waiters, *word = &head(segment)->lock[lock].word;
	int free = 0;

	atomic_fetch_add(waiters, 1);
	while (!atomic_compare_exchange_strong(word, &free, 1)) {
		while (semop(segment->semaphores, &down, 1) && errno == EINTR)
			;
		free = 0;
	}
	atomic_fetch_sub(waiters, 1);
}

static void take(const struct segment *segment, int lock)
{
	_Atomic int *word = &head(segment)->lock[lock].word;

	for (int i = 0; i < SPINS; i++) {
		int free = 0;

		if (atomic_compare_exchange_strong(word, &free, 1))
			return;
	}
	if (segment->semaphores < 0)
		wait_by_futex(word);
	else
		wait_by_semaphore(segment, lock);
}

static void give(const struct segment *segment, int lock)
{
	struct sembuf up = { .sem_num = lock, .sem_op = 1 };
	_Atomic int *word = &head(segment)->lock[lock].word;
	int was = atomic_exchange(word, 0);

	if (segment->semaphores >= 0) {
		if (head(segment)->lock[lock].waiters)
			semop(segment->semaphores, &up, 1);
	} else if (was == 2) {
		syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
	}
}

static void increment(const struct segment *segment, uint32_t random, long n)
{
	for (long i = 0; i < n; i++) {
		random = random * 1664525 + 1013904223;
		unsigned page = 1 + (random >> 8) % (PAGES - 1), lock = page % LOCKS;
		long *counter = i % FAR_EVERY ? &head(segment)->lock[lock].near : far_counter(segment, page);

		take(segment, lock);
		/* A compiler may not make one instruction of it. */
		*(volatile long *)counter = *(volatile long *)counter + 1;
		give(segment, lock);
	}
}

static void run(const struct segment *segment, long n, const char *what)
{
	long sum = 0, expected_far = 0, far = 0;
	int good = 1;

	for (int i = 0; i < PROCESSES; i++) {
		pid_t child = fork();

		if (!child) {
			increment(segment, 12345u * (i + 1), n);
			_exit(0);
		}
		good &= child > 0;
		expected_far += (n + FAR_EVERY - 1) / FAR_EVERY;
	}
	for (int i = 0, status; i < PROCESSES; i++)
		good &= wait(&status) > 0 && status == 0;
	for (int lock = 0; lock < LOCKS; lock++) {
		good &= head(segment)->lock[lock].word == 0 && head(segment)->lock[lock].waiters == 0;
		sum += head(segment)->lock[lock].near;
	}
	for (unsigned page = 1; page < PAGES; page++)
		far += *far_counter(segment, page);
	if (!ok(good && sum + far == PROCESSES * n && far == expected_far, what))
		printf("# %ld of %ld, %ld of them far from the locks\n", sum + far, PROCESSES * n, far);
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 1000000;
	struct segment segment = { .semaphores = -1 };
	int id;

	segment.at = mmap(NULL, SEGMENT, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (segment.at == MAP_FAILED)
		return 1;
	run(&segment, n, "anonymous memory, spinlocks and futexes");
	munmap(segment.at, SEGMENT);

	id = shmget(IPC_PRIVATE, SEGMENT, IPC_CREAT | 0600);
	segment.at = shmat(id, NULL, 0);
	segment.semaphores = semget(IPC_PRIVATE, LOCKS, IPC_CREAT | 0600);
	if (id < 0 || segment.at == (void *)-1 || segment.semaphores < 0)
		return 1;
	shmctl(id, IPC_RMID, NULL);
	run(&segment, n, "a System V segment, spinlocks and semaphores");
	semctl(segment.semaphores, 0, IPC_RMID);
	shmdt(segment.at);
	return tap_done();
}
