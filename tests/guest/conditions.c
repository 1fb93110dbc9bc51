// SPDX-License-Identifier: MIT
/*
 * What threads wait for beside mutexes: condition variables (clocks, time limits, a hundred waiters), read-write locks,
 * barriers, semaphores, pthread_once with what can happen in its function.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tap.h"
#include "time-limits.h"

#define WAITERS 100

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int waiting, woken, generation;

static void *wait_for_generation(void *unused)
{
	int mine;

	pthread_mutex_lock(&mutex);
	mine = generation;
	waiting++;
	while (generation == mine)
		pthread_cond_wait(&cond, &mutex);
	woken++;
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void until_waiting(int count)
{
	for (;;) {
		pthread_mutex_lock(&mutex);
		if (waiting == count)
			return;
		pthread_mutex_unlock(&mutex);
		sched_yield();
	}
}

static void conditions(void)
{
	pthread_t threads[WAITERS];
	pthread_condattr_t attr;
	pthread_cond_t monotonic;
	struct timespec limit;
	clockid_t clock = -1;

	for (int i = 0; i < WAITERS; i++)
		pthread_create(&threads[i], NULL, wait_for_generation, NULL);
	until_waiting(WAITERS);
	generation++;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < WAITERS; i++)
		pthread_join(threads[i], NULL);
	ok(woken == WAITERS, "a broadcast wakes a hundred");

	waiting = woken = 0;
	for (int i = 0; i < WAITERS; i++)
		pthread_create(&threads[i], NULL, wait_for_generation, NULL);
	until_waiting(WAITERS);
	generation++;
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < WAITERS; i++)
		pthread_cond_signal(&cond);
	for (int i = 0; i < WAITERS; i++)
		pthread_join(threads[i], NULL);
	ok(woken == WAITERS, "so do a hundred signals");
	ok(!pthread_cond_signal(&cond) && !pthread_cond_broadcast(&cond), "with nobody there they do nothing");

	pthread_condattr_init(&attr);
	ok(!pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) && !pthread_condattr_getclock(&attr, &clock)
	   && clock == CLOCK_MONOTONIC, "a condition may go by the monotonic clock");
	ok(pthread_condattr_setclock(&attr, CLOCK_PROCESS_CPUTIME_ID) == EINVAL, "not by the processor's");
	pthread_cond_init(&monotonic, &attr);
	pthread_mutex_lock(&mutex);
	limit = after(CLOCK_MONOTONIC, 5000000);
	ok(pthread_cond_timedwait(&monotonic, &mutex, &limit) == ETIMEDOUT, "and times out by it");
	limit.tv_nsec = 1000000000;
	ok(pthread_cond_timedwait(&monotonic, &mutex, &limit) == EINVAL, "a wrong time is an error");
	limit = (struct timespec) { .tv_sec = 1 };
	ok(pthread_cond_timedwait(&cond, &mutex, &limit) == ETIMEDOUT, "a time in the past is over");
	ok(pthread_mutex_trylock(&mutex) == EBUSY, "whoever waited in vain has the mutex");
	pthread_mutex_unlock(&mutex);
	ok(!pthread_cond_destroy(&monotonic), "and it can be destroyed");
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static int readers, most_readers, writers, torn;

static void *read_or_write(void *argument)
{
	for (int i = 0; i < 50; i++) {
		if ((i + (intptr_t)argument) % 4) {
			pthread_rwlock_rdlock(&rwlock);
			if (++readers > most_readers)
				most_readers = readers;
			torn += writers;
			sched_yield();
			torn += writers;
			readers--;
		} else {
			pthread_rwlock_wrlock(&rwlock);
			torn += writers++ + readers;
			sched_yield();
			torn += --writers + readers;
		}
		pthread_rwlock_unlock(&rwlock);
	}
	return NULL;
}

static void *try_write(void *unused)
{
	return (void *)(intptr_t)pthread_rwlock_trywrlock(&rwlock);
}

static void *write_in_time(void *unused)
{
	struct timespec limit = after(CLOCK_REALTIME, 5000000);

	return (void *)(intptr_t)pthread_rwlock_timedwrlock(&rwlock, &limit);
}

static void *read_in_time(void *unused)
{
	struct timespec limit = after(CLOCK_REALTIME, 5000000);

	return (void *)(intptr_t)pthread_rwlock_timedrdlock(&rwlock, &limit);
}

static int in_thread(void *(*function)(void *))
{
	pthread_t thread;
	void *result = (void *)-1;

	pthread_create(&thread, NULL, function, NULL);
	pthread_join(thread, &result);
	return (int)(intptr_t)result;
}

static void read_write_locks(void)
{
	pthread_t threads[12];

	for (int i = 0; i < 12; i++)
		pthread_create(&threads[i], NULL, read_or_write, (void *)(intptr_t)i);
	for (int i = 0; i < 12; i++)
		pthread_join(threads[i], NULL);
	ok(!torn && most_readers > 1, "readers share a lock, a writer has it alone");
	pthread_rwlock_rdlock(&rwlock);
	ok(!pthread_rwlock_tryrdlock(&rwlock) && !pthread_rwlock_unlock(&rwlock), "a reader may come twice");
	ok(in_thread(try_write) == EBUSY && in_thread(write_in_time) == ETIMEDOUT, "a writer waits for it, not for ever");
	pthread_rwlock_unlock(&rwlock);
	ok(!pthread_rwlock_trywrlock(&rwlock) && in_thread(try_write) == EBUSY && in_thread(read_in_time) == ETIMEDOUT,
	   "and all wait for a writer");
	ok(pthread_rwlock_tryrdlock(&rwlock) == EBUSY && !pthread_rwlock_unlock(&rwlock) && !pthread_rwlock_destroy(&rwlock),
	   "which is not its own reader");
}

static pthread_barrier_t barrier;
static int serial[20], arrived, early;

static void *meet_often(void *unused)
{
	for (int round = 0; round < 20; round++) {
		__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			serial[round]++;
		if (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < 10 * (round + 1))
			early++;
		pthread_barrier_wait(&barrier);
	}
	return unused;
}

static void barriers(void)
{
	pthread_t threads[10];
	int right = 0;

	ok(pthread_barrier_init(&barrier, NULL, 0) == EINVAL, "nobody can't meet");
	pthread_barrier_init(&barrier, NULL, 10);
	for (int i = 0; i < 10; i++)
		pthread_create(&threads[i], NULL, meet_often, NULL);
	for (int i = 0; i < 10; i++)
		pthread_join(threads[i], NULL);
	for (int round = 0; round < 20; round++)
		right += serial[round] == 1;
	ok(right == 20 && !early, "ten threads meet twenty times; one of them each time is the serial one");
	ok(!pthread_barrier_destroy(&barrier), "and the barrier can go");
}

static sem_t semaphore, semaphore_started;
static void *post(void *unused)
{
	sem_post(&semaphore);
	return unused;
}

static void nothing(int signal)
{
}

static void *wait_interrupted(void *unused)
{
	sem_post(&semaphore_started);
	return (void *)(intptr_t)(sem_wait(&semaphore) ? errno : 0);
}

static void semaphores(void)
{
	struct timespec limit;
	pthread_t thread;
	void *result;
	int value = -1;

	ok(!sem_init(&semaphore, 0, 2) && !sem_getvalue(&semaphore, &value) && value == 2, "a semaphore has its value");
	ok(!sem_wait(&semaphore) && !sem_trywait(&semaphore) && sem_trywait(&semaphore) && errno == EAGAIN, "down to zero");
	limit = after(CLOCK_REALTIME, 5000000);
	ok(sem_timedwait(&semaphore, &limit) && errno == ETIMEDOUT, "a wait for it ends in time");
	limit.tv_nsec = -1;
	ok(sem_timedwait(&semaphore, &limit) && errno == EINVAL, "a wrong time is an error");
	pthread_create(&thread, NULL, post, NULL);
	ok(!sem_wait(&semaphore), "a thread posts");
	pthread_join(thread, NULL);
	ok(sem_init(&semaphore, 0, (unsigned)SEM_VALUE_MAX + 1) && errno == EINVAL, "a value can be too large");
	sem_init(&semaphore, 0, SEM_VALUE_MAX);
	ok(sem_post(&semaphore) && errno == EOVERFLOW, "or become so");

	struct sigaction action = { .sa_handler = nothing };
	sigaction(SIGUSR1, &action, NULL);
	sem_init(&semaphore, 0, 0);
	sem_init(&semaphore_started, 0, 0);
	pthread_create(&thread, NULL, wait_interrupted, NULL);
	sem_wait(&semaphore_started);
	/* Whether it waits already can't be seen: sent until it has come back. */
	while (pthread_tryjoin_np(thread, &result)) {
		pthread_kill(thread, SIGUSR1);
		usleep(1000);
	}
	ok((intptr_t)result == EINTR, "a handler interrupts the wait");
}

static pthread_once_t once = PTHREAD_ONCE_INIT, once_cancelled = PTHREAD_ONCE_INIT, once_forked = PTHREAD_ONCE_INIT;
static int initialised, attempts;
static sem_t in_once;

static void initialise_slowly(void)
{
	sched_yield();
	initialised++;
}

static void *call_once_slowly(void *unused)
{
	pthread_once(&once, initialise_slowly);
	return (void *)(intptr_t)initialised;
}

static void initialise_or_be_cancelled(void)
{
	if (attempts++ == 0) {
		sem_post(&in_once);
		for (;;)
			pause();
	}
}

static void *call_once_cancelled(void *unused)
{
	pthread_once(&once_cancelled, initialise_or_be_cancelled);
	return NULL;
}

static void fork_within(void)
{
	int status;
	pid_t child = fork();

	if (!child)
		_exit(3);
	waitpid(child, &status, 0);
	initialised = WEXITSTATUS(status);
}

static void initialisation(void)
{
	pthread_t threads[10], thread;
	void *result;
	int right = 0;

	for (int i = 0; i < 10; i++)
		pthread_create(&threads[i], NULL, call_once_slowly, NULL);
	for (int i = 0; i < 10; i++)
		right += !pthread_join(threads[i], &result) && result == (void *)1;
	ok(right == 10, "pthread_once calls once, and all others wait for its end");
	sem_init(&in_once, 0, 0);
	pthread_create(&thread, NULL, call_once_cancelled, NULL);
	sem_wait(&in_once);
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	pthread_once(&once_cancelled, initialise_or_be_cancelled);
	pthread_once(&once_cancelled, initialise_or_be_cancelled);
	ok(attempts == 2, "who is cancelled in it has not called it");
	pthread_once(&once_forked, fork_within);
	ok(initialised == 3, "it may fork");
}

int main(void)
{
	conditions();
	read_write_locks();
	barriers();
	semaphores();
	initialisation();
	return tap_done();
}
