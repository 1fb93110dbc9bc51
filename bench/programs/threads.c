// SPDX-License-Identifier: MIT
/* Threads: made and joined, and what they wait for each other by. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "bench.h"

/* Contenders for the one mutex. */
#define CONTENDERS 4

static long times;

static pthread_t start(void *(*function)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, argument))
		fail("pthread_create");
	return thread;
}

static void *nothing(void *argument)
{
	return argument;
}

static void run_create(long n)
{
	timer_start();
	while (n--)
		pthread_join(start(nothing, NULL), NULL);
	timer_stop();
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void run_mutex(long n)
{
	timer_start();
	while (n--) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
	timer_stop();
}

/* The holder gives up the processor, so the others find the mutex taken on a machine with one, too. */
static void *contend(void *argument)
{
	for (long i = 0; i < times; i++) {
		pthread_mutex_lock(&mutex);
		sched_yield();
		pthread_mutex_unlock(&mutex);
	}
	return argument;
}

static void run_contended(long n)
{
	pthread_t threads[CONTENDERS];

	times = n / CONTENDERS + 1;
	timer_start();
	for (int i = 0; i < CONTENDERS; i++)
		threads[i] = start(contend, NULL);
	for (int i = 0; i < CONTENDERS; i++)
		pthread_join(threads[i], NULL);
	timer_stop();
}

/* Whose turn it is: 0 the first thread's, 1 the other's. */
static _Atomic int turn;

static void await_turn(int mine)
{
	while (turn != mine)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !mine, NULL);
}

static void pass_turn(int to)
{
	turn = to;
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1);
}

static void *futex_answer(void *argument)
{
	for (long i = 0; i < times; i++) {
		await_turn(1);
		pass_turn(0);
	}
	return argument;
}

static void run_futex(long n)
{
	times = n;
	pthread_t other = start(futex_answer, NULL);

	timer_start();
	while (n--) {
		pass_turn(1);
		await_turn(0);
	}
	timer_stop();
	pthread_join(other, NULL);
}

static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void cond_rounds(int mine, long n)
{
	pthread_mutex_lock(&mutex);
	while (n--) {
		while (turn != mine)
			pthread_cond_wait(&changed, &mutex);
		turn = !mine;
		pthread_cond_signal(&changed);
	}
	pthread_mutex_unlock(&mutex);
}

static void *cond_answer(void *argument)
{
	cond_rounds(1, times);
	return argument;
}

static void run_cond(long n)
{
	times = n;
	pthread_t other = start(cond_answer, NULL);

	timer_start();
	cond_rounds(0, n);
	pthread_join(other, NULL);
	timer_stop();
	turn = 0;
}

static void *yield(void *argument)
{
	for (long i = 0; i < times; i++)
		sched_yield();
	return argument;
}

static void run_yield(long n)
{
	times = n / 2 + 1;
	pthread_t other = start(yield, NULL);

	timer_start();
	yield(NULL);
	pthread_join(other, NULL);
	timer_stop();
}

const struct row rows[] = {
	{ "pthread_create + join", run_create },
	{ "mutex, uncontended", run_mutex },
	{ "mutex, four contenders", run_contended },
	{ "futex round trip", run_futex },
	{ "condition variable round trip", run_cond },
	{ "sched_yield of two threads", run_yield },
	{ NULL, NULL },
};
