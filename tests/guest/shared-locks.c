// SPDX-License-Identifier: MIT
/*
 * Locks that processes share: futexes, semaphores with and without a name, mutexes (robust ones too), condition variables,
 * read-write locks, barriers. Passes on native Linux too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "children.h"
#include "tap.h"

#define PAGE 4096

struct shared {
	_Atomic int word;
	int counter, turn, last;
	sem_t sem[2];
	pthread_mutex_t mutex, robust;
	pthread_cond_t cond;
	pthread_rwlock_t rwlock;
	pthread_barrier_t barrier;
	/* Somewhere else than the locks. */
	int far[8 * PAGE / sizeof(int)];
};

static struct shared *s;

static int all_well(int children)
{
	int good = 1, status;

	while (children--)
		good &= wait(&status) > 0 && status == 0;
	return good;
}

static long futex(_Atomic int *address, int operation, int value, const struct timespec *timeout)
{
	return syscall(SYS_futex, address, operation, value, timeout, NULL, 0);
}

static void ping_pong(void)
{
	enum { ROUNDS = 1000 };
	pid_t child = fork();

	for (int i = 0; i < ROUNDS; i++) {
		int mine = child ? 2 * i : 2 * i + 1;

		while (s->word != mine)
			futex(&s->word, FUTEX_WAIT, mine - 1, NULL);
		if (s->far[PAGE / 4 * (mine % 8)] != (mine < 8 ? 0 : mine - 8))
			_exit(1);
		s->far[PAGE / 4 * (mine % 8)] = mine;
		s->word = mine + 1;
		futex(&s->word, FUTEX_WAKE, 1, NULL);
	}
	if (!child)
		_exit(0);
	ok(ended(child) == 0 && s->word == 2 * ROUNDS, "futex ping-pong");
	ok(futex(&s->word, FUTEX_WAIT, 0, NULL) == -1 && errno == EAGAIN, "FUTEX_WAIT sees another's value");
}

static void semaphores(void)
{
	pid_t child;
	int good = 1;

	sem_init(&s->sem[0], 1, 0);
	sem_init(&s->sem[1], 1, 0);
	child = fork();
	if (!child) {
		for (int i = 0; i < 500; i++) {
			if (sem_wait(&s->sem[0]) || s->counter != 2 * i + 1)
				_exit(1);
			s->counter++;
			sem_post(&s->sem[1]);
		}
		_exit(0);
	}
	for (int i = 0; i < 500; i++) {
		s->counter++;
		sem_post(&s->sem[0]);
		sem_wait(&s->sem[1]);
		good &= s->counter == 2 * i + 2;
	}
	ok(ended(child) == 0 && good, "semaphores in shared memory");
}

static void named_semaphores(void)
{
	sem_t *sem, *again, *other;
	pid_t child;
	int value;

	sem_unlink("/test");
	sem = sem_open("/test", O_CREAT | O_EXCL, 0600, 1);
	ok(sem != SEM_FAILED, "sem_open");
	ok(sem_open("/test", O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED && errno == EEXIST, "O_EXCL");
	again = sem_open("/test", 0);
	ok(again == sem, "the same one a second time");
	sem_close(again);
	child = fork();
	if (!child)
		_exit(sem_post(sem));
	ok(ended(child) == 0 && !sem_getvalue(sem, &value) && value == 2, "a child posts");
	sem_wait(sem);
	sem_wait(sem);
	child = fork();
	if (!child) {
		sem_close(sem);
		other = sem_open("/test", 0);
		if (other == SEM_FAILED)
			_exit(1);
		sem_post(other);
		sem_unlink("/test");
		/* Another, by the same name. */
		other = sem_open("/test", O_CREAT, 0600, 5);
		_exit(other == SEM_FAILED || sem_getvalue(other, &value) || value != 5);
	}
	ok(!sem_wait(sem) && ended(child) == 0, "a process that opens it by name wakes us");
	ok(sem_trywait(sem) && errno == EAGAIN, "there was one post");
	sem_close(sem);
	sem_unlink("/test");
}

static void mutexes(void)
{
	enum { PROCESSES = 4, ROUNDS = 2000 };
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&s->mutex, &attr);
	s->counter = 0;
	for (int n = 0; n < PROCESSES; n++)
		if (!fork()) {
			for (int i = 0; i < ROUNDS; i++) {
				int seen;

				pthread_mutex_lock(&s->mutex);
				seen = s->counter;
				if (i % 50 == n)
					sched_yield();
				s->counter = seen + 1;
				s->far[i] += 1;
				pthread_mutex_unlock(&s->mutex);
			}
			_exit(0);
		}
	ok(all_well(PROCESSES) && s->counter == PROCESSES * ROUNDS, "a mutex of four processes");
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&s->robust, &attr);
	for (int how = 0; how < 3; how++) {
		pid_t child = fork();

		if (!child) {
			pthread_mutex_lock(&s->robust);
			s->last = how + 10;
			s->turn = how + 1;
			futex((_Atomic int *)&s->turn, FUTEX_WAKE, 1, NULL);
			if (how == 0)
				_exit(0);
			if (how == 1)
				raise(SIGKILL);
			__builtin_trap();
		}
		while (*(volatile int *)&s->turn != how + 1)
			futex((_Atomic int *)&s->turn, FUTEX_WAIT, how, NULL);
		/* Waits in the kernel, or comes when the owner is gone. */
		ok(pthread_mutex_lock(&s->robust) == EOWNERDEAD && s->last == how + 10,
		   how == 0 ? "a robust mutex whose owner exits" :
		   how == 1 ? "is killed" : "traps");
		pthread_mutex_consistent(&s->robust);
		pthread_mutex_unlock(&s->robust);
		ended(child);
	}
	ok(!pthread_mutex_lock(&s->robust) && !pthread_mutex_unlock(&s->robust), "it is whole again");
}

/* A queue of one place between two producers and two consumers. */
static void condition_variables(void)
{
	enum { ITEMS = 500 };
	pthread_condattr_t attr;
	struct timespec past = { 0, 0 };

	pthread_condattr_init(&attr);
	pthread_condattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&s->cond, &attr);
	s->turn = s->counter = 0;
	for (int n = 0; n < 4; n++)
		if (!fork()) {
			for (int i = 0; i < ITEMS; i++) {
				pthread_mutex_lock(&s->mutex);
				while (s->turn != n % 2)
					pthread_cond_wait(&s->cond, &s->mutex);
				s->turn = !s->turn;
				s->counter += n % 2 ? -1 : 1;
				s->far[4000] += 1;
				pthread_cond_broadcast(&s->cond);
				pthread_mutex_unlock(&s->mutex);
			}
			_exit(0);
		}
	ok(all_well(4) && s->counter == 0 && s->far[4000] == 4 * ITEMS, "a condition variable of four processes");
	pthread_mutex_lock(&s->mutex);
	ok(pthread_cond_timedwait(&s->cond, &s->mutex, &past) == ETIMEDOUT, "pthread_cond_timedwait");
	pthread_mutex_unlock(&s->mutex);
}

static void others(void)
{
	pthread_rwlockattr_t rwattr;
	pthread_barrierattr_t battr;

	pthread_rwlockattr_init(&rwattr);
	pthread_rwlockattr_setpshared(&rwattr, PTHREAD_PROCESS_SHARED);
	pthread_rwlock_init(&s->rwlock, &rwattr);
	s->counter = s->last = 0;
	for (int n = 0; n < 4; n++)
		if (!fork()) {
			for (int i = 0; i < 200; i++)
				if (n % 2) {
					pthread_rwlock_wrlock(&s->rwlock);
					s->counter++;
					s->last = s->counter;
					sched_yield();
					if (s->last != s->counter)
						_exit(1);
					pthread_rwlock_unlock(&s->rwlock);
				} else {
					pthread_rwlock_rdlock(&s->rwlock);
					if (s->last != s->counter)
						_exit(2);
					pthread_rwlock_unlock(&s->rwlock);
				}
			_exit(0);
		}
	ok(all_well(4) && s->counter == 400, "a read-write lock of four processes");

	pthread_barrierattr_init(&battr);
	pthread_barrierattr_setpshared(&battr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&s->barrier, &battr, 3);
	s->counter = 0;
	for (int n = 0; n < 3; n++)
		if (!fork()) {
			for (int i = 0; i < 100; i++) {
				int r;

				atomic_fetch_add((_Atomic int *)&s->counter, 1);
				r = pthread_barrier_wait(&s->barrier);
				if (r && r != PTHREAD_BARRIER_SERIAL_THREAD)
					_exit(1);
				if (s->counter < 3 * (i + 1))
					_exit(2);
			}
			_exit(0);
		}
	ok(all_well(3) && s->counter == 300, "a barrier of three processes");
}

static void *thread(void *arg)
{
	for (int i = 0; i < 500; i++) {
		pthread_mutex_lock(&s->mutex);
		s->counter++;
		pthread_mutex_unlock(&s->mutex);
		if (i % 20 == 0)
			sched_yield();
	}
	return arg;
}

static void threads_of_processes(void)
{
	s->counter = 0;
	for (int n = 0; n < 2; n++)
		if (!fork()) {
			pthread_t threads[3];

			for (int i = 0; i < 3; i++)
				pthread_create(&threads[i], NULL, thread, NULL);
			for (int i = 0; i < 3; i++)
				pthread_join(threads[i], NULL);
			_exit(0);
		}
	ok(all_well(2) && s->counter == 3000, "two processes of three threads");
}

/* A waiter that sleeps while its word changes and another wakes it: it must see that. */
static void wake_ups(void)
{
	pid_t child;

	s->word = 0;
	child = fork();
	if (!child) {
		struct timespec limit = { 30, 0 };

		while (s->word == 0)
			if (futex(&s->word, FUTEX_WAIT, 0, &limit) && errno == ETIMEDOUT)
				_exit(1);
		_exit(s->word != 5);
	}
	sched_yield();
	s->word = 5;
	futex(&s->word, FUTEX_WAKE, 1, NULL);
	ok(ended(child) == 0, "a waiter sees the word that woke it");
	s->word = 0;
	child = fork();
	if (!child)
		_exit(futex(&s->word, FUTEX_WAIT_BITSET, 0, NULL) && errno != EAGAIN);
	/* FUTEX_WAKE_OP adds in the kernel. */
	sched_yield();
	syscall(SYS_futex, &s->turn, FUTEX_WAKE_OP, 1, 1, &s->word,
		FUTEX_OP(FUTEX_OP_ADD, 7, FUTEX_OP_CMP_EQ, 0));
	ok(s->word == 7, "FUTEX_WAKE_OP in shared memory");
	kill(child, SIGKILL);
	ended(child);
}

int main(void)
{
	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		return 1;
	ping_pong();
	semaphores();
	named_semaphores();
	mutexes();
	condition_variables();
	others();
	threads_of_processes();
	wake_ups();
	return tap_done();
}
