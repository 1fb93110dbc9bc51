// SPDX-License-Identifier: MIT
/*
 * Mutexes of every kind: normal, recursive, error-checking, robust (what the next owner is told of a dead one), with priority
 * inheritance, with a time limit on either clock; and what threads do that wait for one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tap.h"
#include "time-limits.h"

static pthread_mutex_t make(int type, int robust, int protocol)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t mutex;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, type);
	pthread_mutexattr_setrobust(&attr, robust);
	pthread_mutexattr_setprotocol(&attr, protocol);
	pthread_mutex_init(&mutex, &attr);
	pthread_mutexattr_destroy(&attr);
	return mutex;
}

static void *try_lock(void *mutex)
{
	int error = pthread_mutex_trylock(mutex);

	if (!error)
		pthread_mutex_unlock(mutex);
	return (void *)(intptr_t)error;
}

static void *unlock(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_unlock(mutex);
}

static void *lock_and_leave(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_lock(mutex);
}

/* What function(mutex) returns in a thread of its own. */
static int in_thread(void *(*function)(void *), pthread_mutex_t *mutex)
{
	pthread_t thread;
	void *result = (void *)-1;

	pthread_create(&thread, NULL, function, mutex);
	pthread_join(thread, &result);
	return (int)(intptr_t)result;
}

static void kinds(void)
{
	pthread_mutex_t normal = make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	pthread_mutex_t recursive = make(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	pthread_mutex_t checking = make(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);

	pthread_mutex_lock(&normal);
	ok(pthread_mutex_trylock(&normal) == EBUSY, "a locked normal mutex is busy, also for its owner");
	ok(in_thread(try_lock, &normal) == EBUSY, "and for another thread");
	pthread_mutex_unlock(&normal);
	ok(in_thread(try_lock, &normal) == 0 && !pthread_mutex_destroy(&normal), "unlocked it is free");

	ok(!pthread_mutex_lock(&recursive) && !pthread_mutex_trylock(&recursive), "a recursive one is locked again");
	pthread_mutex_unlock(&recursive);
	ok(in_thread(try_lock, &recursive) == EBUSY, "and locked until it was unlocked as often");
	ok(in_thread(unlock, &recursive) == EPERM, "by its owner");
	pthread_mutex_unlock(&recursive);
	ok(in_thread(try_lock, &recursive) == 0, "then it is free");

	ok(!pthread_mutex_lock(&checking) && pthread_mutex_lock(&checking) == EDEADLK, "an error-checking one sees the deadlock");
	ok(in_thread(unlock, &checking) == EPERM, "and who is not its owner");
	ok(!pthread_mutex_unlock(&checking) && pthread_mutex_unlock(&checking) == EPERM, "and that nobody is");
}

static void robust(void)
{
	pthread_mutex_t mutex = make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE);
	pthread_mutex_t other = make(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE);

	in_thread(lock_and_leave, &mutex);
	ok(pthread_mutex_lock(&mutex) == EOWNERDEAD, "the next owner of a robust mutex learns that the last one has died");
	ok(in_thread(try_lock, &mutex) == EBUSY, "and owns it");
	ok(!pthread_mutex_consistent(&mutex) && !pthread_mutex_unlock(&mutex) && in_thread(try_lock, &mutex) == 0,
	   "made consistent it is as before");
	ok(pthread_mutex_consistent(&mutex) == EINVAL, "which a healthy one can't be made");
	in_thread(lock_and_leave, &mutex);
	ok(pthread_mutex_trylock(&mutex) == EOWNERDEAD, "trylock says so, too");
	pthread_mutex_unlock(&mutex);
	ok(pthread_mutex_lock(&mutex) == ENOTRECOVERABLE && in_thread(try_lock, &mutex) == ENOTRECOVERABLE,
	   "unlocked without that it is lost for good");

	in_thread(lock_and_leave, &other);
	ok(pthread_mutex_lock(&other) == EOWNERDEAD && !pthread_mutex_lock(&other), "a recursive robust one is both");
}

static sem_t locked;
static void *hold_until_dead(void *mutex)
{
	pthread_mutex_lock(mutex);
	sem_post(&locked);
	for (;;)
		pause();
	return NULL;
}

static void *wait_for_owner(void *mutex)
{
	sem_post(&locked);
	return (void *)(intptr_t)pthread_mutex_lock(mutex);
}

static void robust_with_waiter(void)
{
	pthread_mutex_t mutex = make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE);
	pthread_t owner, waiter;
	void *result;

	sem_init(&locked, 0, 0);
	pthread_create(&owner, NULL, hold_until_dead, &mutex);
	sem_wait(&locked);
	pthread_create(&waiter, NULL, wait_for_owner, &mutex);
	sem_wait(&locked);
	sched_yield();
	pthread_cancel(owner);
	pthread_join(owner, NULL);
	pthread_join(waiter, &result);
	ok((intptr_t)result == EOWNERDEAD, "a waiter is woken when the owner is cancelled");
}

static void *lock_in_time(void *mutex)
{
	struct timespec limit = after(CLOCK_REALTIME, 5000000);

	return (void *)(intptr_t)pthread_mutex_timedlock(mutex, &limit);
}


static void *lock_long(void *mutex)
{
	struct timespec limit = after(CLOCK_REALTIME, 0);

	limit.tv_sec += 1000;
	sem_post(&locked);
	return (void *)(intptr_t)pthread_mutex_timedlock(mutex, &limit);
}

static void limits(int protocol, const char *late, const char *early)
{
	pthread_mutex_t mutex = make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, protocol);
	struct timespec wrong = { .tv_sec = 0, .tv_nsec = 2000000000 };
	pthread_t waiter;
	void *result;

	ok(pthread_mutex_timedlock(&mutex, &wrong) == 0, "a free mutex is taken whatever the limit");
	ok(in_thread(lock_in_time, &mutex) == ETIMEDOUT, late);
	sem_init(&locked, 0, 0);
	pthread_create(&waiter, NULL, lock_long, &mutex);
	sem_wait(&locked);
	sched_yield();
	pthread_mutex_unlock(&mutex);
	pthread_join(waiter, &result);
	ok(result == NULL && in_thread(unlock, &mutex) != EINVAL, early);
}

static pthread_mutex_t contended;
static long counter;

static void *count(void *unused)
{
	for (int i = 0; i < 500; i++) {
		long now;

		pthread_mutex_lock(&contended);
		now = counter;
		sched_yield();
		counter = now + 1;
		pthread_mutex_unlock(&contended);
	}
	return unused;
}

static void contention(int type, int protocol, const char *what)
{
	pthread_t threads[10];

	contended = make(type, PTHREAD_MUTEX_STALLED, protocol);
	counter = 0;
	for (int i = 0; i < 10; i++)
		pthread_create(&threads[i], NULL, count, NULL);
	for (int i = 0; i < 10; i++)
		pthread_join(threads[i], NULL);
	ok(counter == 5000, what);
}

static void inheritance(void)
{
	pthread_mutex_t mutex = make(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_INHERIT);
	pthread_mutexattr_t attr;
	int protocol = -1;

	pthread_mutexattr_init(&attr);
	ok(!pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT) && !pthread_mutexattr_getprotocol(&attr, &protocol)
	   && protocol == PTHREAD_PRIO_INHERIT, "priority inheritance is there");
	ok(pthread_mutexattr_setprotocol(&attr, 99) == EINVAL, "a protocol that does not exist is not");
	ok(!pthread_mutex_lock(&mutex) && pthread_mutex_lock(&mutex) == EDEADLK && in_thread(try_lock, &mutex) == EBUSY
	   && !pthread_mutex_unlock(&mutex), "a mutex with it is locked and unlocked");
	in_thread(lock_and_leave, &mutex);
	ok(pthread_mutex_lock(&mutex) == EOWNERDEAD && !pthread_mutex_consistent(&mutex) && !pthread_mutex_unlock(&mutex),
	   "and may be robust");
}

/* A child has the mutex as it was; its own changes are its own. */
static void across_fork(void)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	int status;
	pid_t child;

	pthread_mutex_lock(&mutex);
	child = fork();
	if (!child)
		_exit(pthread_mutex_trylock(&mutex) != EBUSY || pthread_mutex_unlock(&mutex) || pthread_mutex_lock(&mutex));
	waitpid(child, &status, 0);
	ok(status == 0 && pthread_mutex_trylock(&mutex) == EBUSY, "a forked child unlocks its own copy");
}

int main(void)
{
	kinds();
	robust();
	robust_with_waiter();
	limits(PTHREAD_PRIO_NONE, "a wait for a mutex ends in time", "and before, when it is unlocked");
	limits(PTHREAD_PRIO_INHERIT, "so with priority inheritance", "and so");
	contention(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, "ten threads count under a normal mutex");
	contention(PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE, "under a recursive one");
	contention(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_INHERIT, "under an error-checking one with priority inheritance");
	inheritance();
	across_fork();
	return tap_done();
}
