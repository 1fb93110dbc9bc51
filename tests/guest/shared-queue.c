// SPDX-License-Identifier: MIT
/*
 * A queue between many processes, as python's multiprocessing makes them: a ring in shared memory under a mutex with two condition
 * variables, another under named semaphores, a third under a robust mutex whose owners are killed. Each item comes out exactly once.
 * Passes on native Linux too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "tap.h"

#define PRODUCERS 4
#define CONSUMERS 4
#define ITEMS 2000
#define PLACES 64
#define NO_MORE (-1)

struct item {
	int number;
	/* On pages of its own, so that an item is more than its number. */
	int copy[3000];
};

struct queue {
	pthread_mutex_t mutex;
	pthread_cond_t filled, emptied;
	pthread_barrier_t begin;
	pthread_rwlock_t counts;
	unsigned head, tail;
	int got[PRODUCERS * ITEMS];
	struct item ring[PLACES];
};

static struct queue *q;
static sem_t *free_places, *items, *lock;

static void put(int number)
{
	struct item *item = &q->ring[q->tail % PLACES];

	item->number = number;
	item->copy[(unsigned)number % 3000] = number;
	q->tail++;
}

static int take(void)
{
	struct item *item = &q->ring[q->head % PLACES];
	int number = item->number;

	if (item->copy[(unsigned)number % 3000] != number)
		_exit(9);
	q->head++;
	return number;
}

static void put_by_conditions(int number)
{
	pthread_mutex_lock(&q->mutex);
	while (q->tail - q->head == PLACES)
		pthread_cond_wait(&q->emptied, &q->mutex);
	put(number);
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->mutex);
}

static int take_by_conditions(void)
{
	int number;

	pthread_mutex_lock(&q->mutex);
	while (q->tail == q->head)
		pthread_cond_wait(&q->filled, &q->mutex);
	number = take();
	pthread_cond_signal(&q->emptied);
	pthread_mutex_unlock(&q->mutex);
	return number;
}

static void put_by_semaphores(int number)
{
	sem_wait(free_places);
	sem_wait(lock);
	put(number);
	sem_post(lock);
	sem_post(items);
}

static int take_by_semaphores(void)
{
	int number;

	sem_wait(items);
	sem_wait(lock);
	number = take();
	sem_post(lock);
	sem_post(free_places);
	return number;
}

static void count(int number)
{
	pthread_rwlock_wrlock(&q->counts);
	q->got[number]++;
	pthread_rwlock_unlock(&q->counts);
}

static int counted_once(int number)
{
	int once;

	pthread_rwlock_rdlock(&q->counts);
	once = q->got[number] == 1;
	pthread_rwlock_unlock(&q->counts);
	return once;
}

static void run(void (*give)(int), int (*get)(void), const char *what)
{
	int good = 1, status;

	q->head = q->tail = 0;
	for (int i = 0; i < PRODUCERS * ITEMS; i++)
		q->got[i] = 0;
	for (int n = 0; n < CONSUMERS; n++)
		if (!fork()) {
			int number;

			pthread_barrier_wait(&q->begin);
			while ((number = get()) != NO_MORE)
				count(number);
			_exit(0);
		}
	for (int n = 0; n < PRODUCERS; n++)
		if (!fork()) {
			pthread_barrier_wait(&q->begin);
			for (int i = 0; i < ITEMS; i++)
				give(n * ITEMS + i);
			_exit(0);
		}
	pthread_barrier_wait(&q->begin);
	/* The producers end by themselves, and then each consumer gets a last word. */
	for (int n = 0; n < PRODUCERS; n++)
		good &= wait(&status) > 0 && status == 0;
	for (int n = 0; n < CONSUMERS; n++)
		give(NO_MORE);
	for (int n = 0; n < CONSUMERS; n++)
		good &= wait(&status) > 0 && status == 0;
	for (int i = 0; i < PRODUCERS * ITEMS; i++)
		good &= counted_once(i);
	ok(good && q->head == q->tail, what);
}

static sem_t *named(const char *name, int value)
{
	sem_t *sem;

	sem_unlink(name);
	sem = sem_open(name, O_CREAT | O_EXCL, 0600, value);
	sem_unlink(name);
	if (sem == SEM_FAILED)
		exit(1);
	return sem;
}

/* Each child in turn increments two counters, and is killed between them; who comes next mends that. */
static void owners_that_die(void)
{
	enum { DEATHS = 50 };
	pthread_mutexattr_t attr;
	pthread_mutex_t *robust = &q->mutex;
	int *first = &q->got[0], *second = &q->got[2000], mended = 0, pipes[2], good = 1;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(robust, &attr);
	*first = *second = 0;
	if (pipe(pipes))
		exit(1);
	for (int n = 0; n < DEATHS; n++) {
		char byte;
		pid_t child = fork();

		if (!child) {
			pthread_mutex_lock(robust);
			++*first;
			if (write(pipes[1], "", 1) == 1)
				for (;;)
					pause();
			_exit(1);
		}
		good &= read(pipes[0], &byte, 1) == 1 && pthread_mutex_trylock(robust) == EBUSY;
		kill(child, SIGKILL);
		/* Here it waits in the kernel, or finds the owner dead already. */
		if (pthread_mutex_lock(robust) == EOWNERDEAD) {
			good &= *first == *second + 1;
			*second = *first;
			mended++;
			pthread_mutex_consistent(robust);
		}
		pthread_mutex_unlock(robust);
		ended(child);
	}
	ok(good && mended == DEATHS && *first == DEATHS && *second == DEATHS, "owners of a robust mutex that are killed");
}

int main(void)
{
	pthread_mutexattr_t mutex;
	pthread_condattr_t cond;
	pthread_barrierattr_t barrier;
	pthread_rwlockattr_t rwlock;

	q = mmap(NULL, sizeof(*q), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (q == MAP_FAILED)
		return 1;
	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&q->mutex, &mutex);
	pthread_condattr_init(&cond);
	pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&q->filled, &cond);
	pthread_cond_init(&q->emptied, &cond);
	pthread_barrierattr_init(&barrier);
	pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&q->begin, &barrier, PRODUCERS + CONSUMERS + 1);
	pthread_rwlockattr_init(&rwlock);
	pthread_rwlockattr_setpshared(&rwlock, PTHREAD_PROCESS_SHARED);
	pthread_rwlock_init(&q->counts, &rwlock);
	free_places = named("/places", PLACES);
	items = named("/items", 0);
	lock = named("/lock", 1);
	run(put_by_conditions, take_by_conditions, "a queue with a mutex and condition variables");
	run(put_by_semaphores, take_by_semaphores, "a queue with named semaphores");
	owners_that_die();
	return tap_done();
}
