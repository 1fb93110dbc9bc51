// SPDX-License-Identifier: MIT
/*
 * Threads are stacks of one instance that take turns with its globals: stack pointer, thread pointer and TLS are each
 * thread's own, whoever runs in between.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

#define THREADS 20

static _Thread_local int mine = 7;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static int turn, sum, bad;

static void *take_turns(void *argument)
{
	int self = (int)argument, on_stack[64];
	pthread_t me = pthread_self();

	for (int i = 0; i < 64; i++)
		on_stack[i] = self * 100 + i;
	mine = self;
	for (int round = 0; round < 30; round++) {
		pthread_mutex_lock(&mutex);
		while (turn % THREADS != self)
			pthread_cond_wait(&turn_changed, &mutex);
		sum++;
		turn++;
		pthread_cond_broadcast(&turn_changed);
		pthread_mutex_unlock(&mutex);
		sched_yield();
		if (mine != self || pthread_self() != me || errno < 0)
			bad++;
		for (int i = 0; i < 64; i++)
			if (on_stack[i] != self * 100 + i)
				bad++;
	}
	return (void *)(self * 2);
}

static sem_t ready;
static volatile pthread_t signalled;

static void note_thread(int signal)
{
	signalled = pthread_self();
}

static void *wait_for_signal(void *argument)
{
	sem_post(&ready);
	errno = 0;
	pause();
	return (void *)errno;
}

static void *fork_in_thread(void *argument)
{
	int status = -1;
	pid_t child;

	mine = 42;
	child = fork();
	if (!child)
		_exit(mine == 42 ? 9 : 1);
	waitpid(child, &status, 0);
	return (void *)(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void *fork_often(void *argument)
{
	int good = 0, status;

	for (int i = 0; i < 25; i++) {
		pid_t child = fork();

		if (!child)
			_exit((int)argument);
		good += waitpid(child, &status, 0) == child && WEXITSTATUS(status) == (int)argument;
		sched_yield();
	}
	return (void *)good;
}

static void *block(void *argument)
{
	sem_post(&ready);
	for (;;)
		pause();
}

static void *exec_in_thread(void *argument)
{
	execl("/proc/self/exe", "thread-switches", "exec'd", (char *)0);
	return NULL;
}

static void *exit_process(void *argument)
{
	sem_wait(&ready);
	_exit(5);
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS], one;
	int status, right = 0;
	void *result;
	pid_t child;

	if (argc > 1)
		return getpid() == (pid_t)syscall(SYS_gettid) ? 6 : 1;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, take_turns, (void *)i);
	for (int i = 0; i < THREADS; i++)
		right += !pthread_join(threads[i], &result) && result == (void *)(i * 2);
	ok(right == THREADS && sum == THREADS * 30, "threads take turns and are joined");
	ok(!bad && mine == 7, "each has its own stack, thread pointer and TLS");

	sem_init(&ready, 0, 0);
	signal(SIGUSR1, note_thread);
	pthread_create(&one, NULL, wait_for_signal, NULL);
	sem_wait(&ready);
	do
		sched_yield();
	while (pthread_kill(one, SIGUSR1) || !signalled);
	pthread_join(one, &result);
	ok(result == (void *)EINTR && signalled == one, "a signal for a thread runs its handler in that thread");

	pthread_create(&one, NULL, fork_in_thread, NULL);
	pthread_join(one, &result);
	ok(result == (void *)9, "a thread forks, and its child has its TLS");

	right = 0;
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, fork_often, (void *)(i + 1));
	for (int i = 0; i < 4; i++)
		right += !pthread_join(threads[i], &result) && result == (void *)25;
	ok(right == 4, "threads fork at the same time");

	pthread_create(&one, NULL, block, NULL);
	sem_wait(&ready);
	ok(!pthread_cancel(one) && !pthread_join(one, &result) && result == PTHREAD_CANCELED, "a blocked thread is cancelled");

	child = fork();
	if (!child) {
		pthread_create(&one, NULL, block, NULL);
		sem_wait(&ready);
		pthread_create(&one, NULL, exec_in_thread, NULL);
		for (;;)
			pause();
	}
	waitpid(child, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 6, "exec in a thread ends the others and takes over the process");

	child = fork();
	if (!child) {
		pthread_create(&one, NULL, exit_process, NULL);
		sem_post(&ready);
		for (;;)
			pause();
	}
	waitpid(child, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 5, "_exit in a thread ends the process");
	return tap_done();
}
