// SPDX-License-Identifier: MIT
/*
 * Thread-local variables (initialised, zero, aligned, large, changed by others' addresses, errno), in threads that follow each
 * other on one stack; and C11's threads.h, all of it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <threads.h>
#include <time.h>
#include "tap.h"

#define THREADS 50

static _Thread_local int initialised = 0x1234, zero;
static _Thread_local char large[20000];
static _Thread_local alignas(256) char aligned[3] = { 1, 2, 3 };
static _Thread_local int *own_address = NULL;
static _Thread_local struct { long long wide; char text[9]; double number; } record = { 1LL << 40, "original", 2.5 };
_Thread_local const char *pointer = "to a constant";
static int *addresses[THREADS];
static pthread_barrier_t all_there;

static int is_fresh(void)
{
	int fresh = initialised == 0x1234 && zero == 0 && !own_address && aligned[0] == 1 && aligned[2] == 3
		    && (uintptr_t)aligned % 256 == 0 && record.wide == 1LL << 40 && !strcmp(record.text, "original")
		    && record.number == 2.5 && !strcmp(pointer, "to a constant");

	for (unsigned i = 0; i < sizeof(large); i++)
		fresh &= !large[i];
	return fresh;
}

static void spoil(int with)
{
	initialised = zero = with;
	memset(large, with | 1, sizeof(large));
	memset(aligned, with, sizeof(aligned));
	memset(&record, with, sizeof(record));
	own_address = &initialised;
	pointer = NULL;
	errno = with;
}

static void *have_own(void *number)
{
	int fresh = is_fresh(), mine = (int)(intptr_t)number;

	spoil(mine);
	addresses[mine] = &zero;
	pthread_barrier_wait(&all_there);
	/* A thread-local variable has an address that others may use. */
	(*addresses[(mine + 1) % THREADS])++;
	pthread_barrier_wait(&all_there);
	return (void *)(intptr_t)(fresh && zero == mine + 1 && initialised == mine && errno == mine
				  && own_address == &initialised && aligned[1] == mine);
}

static void *be_fresh(void *number)
{
	int fresh = is_fresh() && errno == 0;

	spoil((int)(intptr_t)number);
	return (void *)(intptr_t)fresh;
}

static void storage(void)
{
	pthread_t threads[THREADS];
	void *result;
	int right = 0;

	pthread_barrier_init(&all_there, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, have_own, (void *)(intptr_t)i);
	for (int i = 0; i < THREADS; i++)
		right += !pthread_join(threads[i], &result) && result;
	ok(right == THREADS, "fifty threads have fifty sets of variables, aligned as they say");
	ok(is_fresh(), "and main has its own");
	right = 0;
	for (int i = 0; i < THREADS; i++) {
		pthread_create(&threads[0], NULL, be_fresh, (void *)(intptr_t)(i + 1));
		right += !pthread_join(threads[0], &result) && result;
	}
	ok(right == THREADS, "who follows on a stack finds nothing of who was there before");
}

static mtx_t mutex;
static cnd_t cond;
static once_flag flag = ONCE_FLAG_INIT;
static tss_t key;
static int called, value, destroyed;

static void call(void)
{
	called++;
}

static void destroy(void *what)
{
	destroyed += *(int *)what;
}

static int produce(void *amount)
{
	call_once(&flag, call);
	tss_set(key, amount);
	mtx_lock(&mutex);
	value += *(int *)amount;
	cnd_broadcast(&cond);
	mtx_unlock(&mutex);
	thrd_yield();
	if (tss_get(key) != amount)
		return -1;
	thrd_exit(*(int *)amount);
}

static int try_mutex(void *unused)
{
	struct timespec past = { .tv_sec = 1 };

	return mtx_trylock(&mutex) == thrd_busy && mtx_timedlock(&mutex, &past) == thrd_timedout;
}

static int compare(void *creator)
{
	return !thrd_equal(thrd_current(), *(thrd_t *)creator);
}

static void c11(void)
{
	static int amounts[4] = { 1, 20, 300, 4000 };
	struct timespec time = { .tv_nsec = 1000 };
	thrd_t threads[4], self = thrd_current();
	int result, sum = 0;
	mtx_t recursive;

	ok(mtx_init(&mutex, mtx_timed) == thrd_success && cnd_init(&cond) == thrd_success
	   && tss_create(&key, destroy) == thrd_success, "mutex, condition and key are made");
	for (int i = 0; i < 4; i++)
		thrd_create(&threads[i], produce, &amounts[i]);
	mtx_lock(&mutex);
	while (value < 4321)
		cnd_wait(&cond, &mutex);
	mtx_unlock(&mutex);
	for (int i = 0; i < 4; i++)
		sum += thrd_join(threads[i], &result) == thrd_success ? result : 0;
	ok(sum == 4321, "threads give their results by thrd_exit");
	ok(called == 1 && destroyed == 4321, "call_once calls once; keys destroy");
	mtx_lock(&mutex);
	timespec_get(&time, TIME_UTC);
	ok(cnd_timedwait(&cond, &mutex, &time) == thrd_timedout, "a wait times out");
	thrd_create(&threads[0], try_mutex, NULL);
	thrd_join(threads[0], &result);
	ok(result == 1, "a mutex is busy, and a wait for it ends");
	mtx_unlock(&mutex);
	ok(mtx_init(&recursive, mtx_plain | mtx_recursive) == thrd_success && mtx_lock(&recursive) == thrd_success
	   && mtx_trylock(&recursive) == thrd_success && mtx_unlock(&recursive) == thrd_success
	   && mtx_unlock(&recursive) == thrd_success, "a recursive one counts");
	thrd_create(&threads[0], compare, &self);
	thrd_join(threads[0], &result);
	ok(result == 1 && thrd_equal(self, thrd_current()), "threads can be told apart");
	time = (struct timespec) { .tv_nsec = 1000 };
	ok(thrd_sleep(&time, NULL) == 0, "one sleeps");
	thrd_create(&threads[0], compare, &self);
	ok(thrd_detach(threads[0]) == thrd_success, "one is detached");
	cnd_signal(&cond);
	cnd_destroy(&cond);
	mtx_destroy(&mutex);
	mtx_destroy(&recursive);
	tss_delete(key);
}

int main(void)
{
	storage();
	c11();
	return tap_done();
}
