/* SPDX-License-Identifier: MIT */
/* Threads: stacks of one instance, each with its own TLS. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include "tap.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int counter, ready;
static _Thread_local int tls = 7;
static _Thread_local char zeroed[1000];
static _Thread_local long long aligned __attribute__((aligned(64))) = 0x1234;
static pthread_key_t key;
static int destroyed;

static void destroy(void *value) { destroyed += (int)value; }

static void *work(void *arg)
{
	int fresh = tls == 7 && !zeroed[0] && !zeroed[999] && aligned == 0x1234 && !((unsigned)&aligned & 63);
	tls += (int)arg;
	memset(zeroed, 1, sizeof zeroed);
	pthread_setspecific(key, arg);
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&mutex);
		int now = counter;
		if (i % 100 == 0) sched_yield();
		counter = now + 1;
		pthread_mutex_unlock(&mutex);
	}
	errno = (int)arg;
	sched_yield();
	pthread_mutex_lock(&mutex);
	ready++;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&mutex);
	return (void *)(fresh && errno == (int)arg ? tls : -1);
}

static int fds[2];
static volatile int cleaned;
static void clean(void *arg) { cleaned++; }
static void *block(void *arg)
{
	char c;
	pthread_cleanup_push(clean, 0);
	read(fds[0], &c, 1);
	pthread_cleanup_pop(0);
	return 0;
}
static void *spin_until_cancelled(void *arg)
{
	pthread_cleanup_push(clean, 0);
	for (;;) {
		sched_yield();
		pthread_testcancel();
	}
	pthread_cleanup_pop(0);
	return 0;
}
static sem_t disabled;
static void *protect(void *arg)
{
	char c;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, 0);
	sem_post(&disabled);
	int n = read(fds[0], &c, 1);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, 0);
	if (n == 1) cleaned += 100;
	pthread_testcancel();
	return 0;
}

static void *detached(void *arg)
{
	sem_post(arg);
	return 0;
}

static volatile pthread_t handler_thread;
static void note(int sig) { handler_thread = pthread_self(); }
static void *wait_for_signal(void *arg)
{
	sem_t *started = arg;
	sem_post(started);
	while (!handler_thread) usleep(1000);
	return 0;
}

static void *jumps(void *arg)
{
	jmp_buf env;
	volatile int n = 0;
	setjmp(env);
	sched_yield();
	if (++n < 100) longjmp(env, 1);
	return (void *)n;
}

static void *spawns(void *arg)
{
	int status = -1;
	pid_t pid = vfork();
	if (pid == 0) _exit((int)arg);
	waitpid(pid, &status, 0);
	return (void *)(tls == 7 ? WEXITSTATUS(status) : -1);
}

static void *deep_frames(void *arg)
{
	volatile char frame[60000];
	frame[0] = frame[sizeof frame - 1] = 1;
	pthread_attr_t attr;
	void *low;
	size_t size;
	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstack(&attr, &low, &size);
	return (void *)((char *)frame > (char *)low && (char *)frame < (char *)low + size);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int initialised;
static void initialise(void) { initialised++; }
static void *call_once_each(void *arg)
{
	pthread_once(&once, initialise);
	return 0;
}

static pthread_barrier_t barrier;
static int serial;
static pthread_spinlock_t spinlock;
static volatile int spins;
static void *take_spinlock(void *arg)
{
	spins = 1;
	pthread_spin_lock(&spinlock);
	pthread_spin_unlock(&spinlock);
	return (void *)&spinlock;
}
static void *meet(void *arg)
{
	if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) serial++;
	return 0;
}

static int c11(void *arg) { return (int)arg + 1; }

int main(void)
{
	pthread_t threads[8], thread;
	void *result;
	int all = 1;

	pthread_key_create(&key, destroy);
	for (int i = 0; i < 8; i++) all &= !pthread_create(&threads[i], 0, work, (void *)(i + 1));
	ok(all, "eight threads start");
	pthread_mutex_lock(&mutex);
	while (ready < 8) pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], &result);
		all &= (int)result == 7 + i + 1;
	}
	ok(all, "each has its own thread-local variables and errno");
	ok(counter == 8000, "a mutex excludes");
	ok(tls == 7 && !zeroed[0], "and the main thread's are untouched");
	ok(destroyed == 36, "destructors of thread-specific values run");

	all = 1;
	for (int i = 0; i < 300; i++) {
		all &= !pthread_create(&thread, 0, call_once_each, 0);
		all &= !pthread_join(thread, 0);
	}
	ok(all && initialised == 1, "three hundred one after the other; pthread_once is once");

	sem_t sem;
	sem_init(&sem, 0, 0);
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 50; i++) {
		all &= !pthread_create(&thread, &attr, detached, &sem);
		sem_wait(&sem);
	}
	ok(all, "fifty detached threads come and go");

	pipe(fds);
	pthread_create(&thread, 0, block, 0);
	usleep(10000);
	ok(!pthread_cancel(thread) && !pthread_join(thread, &result) && result == PTHREAD_CANCELED && cleaned == 1,
	   "a thread that is blocked in read is cancelled");
	pthread_create(&thread, 0, spin_until_cancelled, 0);
	sched_yield();
	pthread_cancel(thread);
	pthread_join(thread, &result);
	ok(result == PTHREAD_CANCELED && cleaned == 2, "one that calls pthread_testcancel too");
	sem_init(&disabled, 0, 0);
	pthread_create(&thread, 0, protect, 0);
	sem_wait(&disabled);
	pthread_cancel(thread);
	usleep(10000);
	write(fds[1], "x", 1);
	pthread_join(thread, &result);
	ok(result == PTHREAD_CANCELED && cleaned == 102, "with cancellation disabled the read goes on and ends");
	pthread_create(&thread, 0, block, 0);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	ok(result == PTHREAD_CANCELED, "a cancellation before the read is seen in it");

	struct sigaction sa = { .sa_handler = note };
	sigaction(SIGUSR1, &sa, 0);
	pthread_create(&thread, 0, wait_for_signal, &sem);
	sem_wait(&sem);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, 0);
	ok(handler_thread == thread, "pthread_kill's handler runs in the thread");

	for (int i = 0; i < 8; i++) pthread_create(&threads[i], 0, jumps, 0);
	all = 1;
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], &result);
		all &= (int)result == 100;
	}
	ok(all, "eight threads longjmp in turns");
	for (int i = 0; i < 8; i++) pthread_create(&threads[i], 0, spawns, (void *)(i + 1));
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], &result);
		all &= (int)result == i + 1;
	}
	ok(all, "eight threads vfork at once");
	pthread_create(&thread, 0, deep_frames, 0);
	pthread_join(thread, &result);
	ok(result == (void *)1, "pthread_getattr_np knows a thread's stack");
	void *low;
	size_t size;
	char here;
	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstack(&attr, &low, &size);
	ok(&here > (char *)low && &here < (char *)low + size, "and the main thread's");

	pthread_barrier_init(&barrier, 0, 5);
	for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, meet, 0);
	meet(0);
	for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
	ok(serial == 1, "five meet at a barrier");

	pthread_spin_init(&spinlock, 0);
	pthread_spin_lock(&spinlock);
	pthread_create(&thread, 0, take_spinlock, 0);
	while (!spins) sched_yield();
	pthread_spin_unlock(&spinlock);
	pthread_join(thread, &result);
	ok(result == &spinlock, "who waits for a spin lock lets its holder run");

	pthread_mutexattr_t recursive;
	pthread_mutex_t again;
	pthread_mutexattr_init(&recursive);
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&again, &recursive);
	ok(!pthread_mutex_lock(&again) && !pthread_mutex_lock(&again) && !pthread_mutex_unlock(&again)
	   && !pthread_mutex_unlock(&again) && pthread_mutex_unlock(&again) == EPERM, "a recursive mutex counts");
	struct timespec soon;
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 10000000;
	if (soon.tv_nsec >= 1000000000) soon.tv_nsec -= 1000000000, soon.tv_sec++;
	pthread_mutex_lock(&mutex);
	ok(pthread_cond_timedwait(&cond, &mutex, &soon) == ETIMEDOUT, "a wait times out");
	pthread_mutex_unlock(&mutex);

	/* musl makes every thread change its ids: a signal to each, and a rendezvous */
	pthread_create(&thread, 0, block, 0);
	usleep(5000);
	ok(setgid(getgid()) == 0, "setgid reaches all threads");
	write(fds[1], "x", 1);
	pthread_join(thread, &result);
	ok(result == 0, "and the blocked one goes on");

	thrd_t standard;
	int status;
	ok(thrd_create(&standard, c11, (void *)41) == thrd_success && thrd_join(standard, &status) == thrd_success
	   && status == 42, "C11 threads");
	return tap_done();
}
