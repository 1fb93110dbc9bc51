// SPDX-License-Identifier: MIT
/*
 * What a thread is given and what is known of it: stacks and guards, detachment, names, signal masks and signals of its own,
 * clocks, affinity, scheduling, thread ids as the kernel has them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "tap.h"

static sem_t started, go_on;

static void *touch(void *bytes)
{
	volatile char frame[(intptr_t)bytes];

	for (intptr_t i = 0; i < (intptr_t)bytes; i += 512)
		frame[i] = 1;
	return (void *)(intptr_t)frame[0];
}

struct seen_stack {
	char *low, *here;
	size_t size, guard;
	int detached;
};

static void *see_stack(void *argument)
{
	struct seen_stack *seen = argument;
	pthread_attr_t attr;
	char here;

	seen->here = &here;
	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstack(&attr, (void **)&seen->low, &seen->size);
	pthread_attr_getguardsize(&attr, &seen->guard);
	pthread_attr_getdetachstate(&attr, &seen->detached);
	pthread_attr_destroy(&attr);
	sem_post(&started);
	return NULL;
}

static int is_inside(const struct seen_stack *seen)
{
	return seen->here > seen->low && seen->here < seen->low + seen->size;
}

static void stacks(void)
{
	size_t own_size = 256 * 1024, size;
	void *own = NULL, *result;
	struct seen_stack seen;
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	ok(pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN - 1) == EINVAL, "a stack can be too small");
	ok(!pthread_attr_setstacksize(&attr, 4 << 20) && !pthread_attr_getstacksize(&attr, &size) && size == 4 << 20,
	   "its size is kept");
	pthread_create(&thread, &attr, touch, (void *)(3 << 20));
	pthread_join(thread, &result);
	ok(result == (void *)1, "three megabytes of a stack of four are used");
	pthread_create(&thread, &attr, see_stack, &seen);
	pthread_join(thread, NULL);
	ok(is_inside(&seen) && seen.size >= 3 << 20, "pthread_getattr_np tells that size, and where it is");

	pthread_attr_setguardsize(&attr, 0);
	pthread_create(&thread, &attr, see_stack, &seen);
	pthread_join(thread, NULL);
	ok(is_inside(&seen) && seen.guard == 0, "a thread without a guard");
	pthread_attr_setguardsize(&attr, 65536);
	pthread_create(&thread, &attr, see_stack, &seen);
	pthread_join(thread, NULL);
	ok(is_inside(&seen) && seen.guard == 65536, "and with a large one");

	pthread_attr_destroy(&attr);
	pthread_attr_init(&attr);
	posix_memalign(&own, 65536, own_size);
	pthread_attr_setstack(&attr, own, own_size);
	pthread_create(&thread, &attr, see_stack, &seen);
	pthread_join(thread, NULL);
	ok(seen.here > (char *)own && seen.here < (char *)own + own_size, "a thread runs on memory that it is given");
	pthread_create(&thread, &attr, touch, (void *)(200 * 1024));
	pthread_join(thread, &result);
	ok(result == (void *)1, "which may be used twice");
	free(own);
	pthread_attr_destroy(&attr);

	/* What is left in a stack that is used again must not be seen in what each thread has of its own. */
	for (int i = 0; i < 20; i++) {
		pthread_create(&thread, NULL, touch, (void *)(40 * 1024));
		pthread_join(thread, NULL);
	}
}

static void *end(void *unused)
{
	sem_post(&started);
	return unused;
}

static void *wait_to_go(void *unused)
{
	sem_post(&started);
	sem_wait(&go_on);
	return unused;
}

static void detachment(void)
{
	struct seen_stack seen;
	pthread_attr_t attr;
	pthread_t thread;
	int state = -1;

	while (!sem_trywait(&started))
		;
	pthread_attr_init(&attr);
	pthread_attr_getdetachstate(&attr, &state);
	ok(state == PTHREAD_CREATE_JOINABLE && pthread_attr_setdetachstate(&attr, 9) == EINVAL, "threads are made joinable");
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_create(&thread, &attr, see_stack, &seen);
	sem_wait(&started);
	ok(seen.detached == PTHREAD_CREATE_DETACHED, "unless the attributes say otherwise");
	pthread_create(&thread, NULL, wait_to_go, NULL);
	sem_wait(&started);
	ok(pthread_tryjoin_np(thread, NULL) == EBUSY, "who runs can't be joined now");
	struct timespec past = { .tv_sec = 1 };
	ok(pthread_timedjoin_np(thread, NULL, &past) == ETIMEDOUT, "or in time");
	ok(!pthread_detach(thread), "it is detached while it runs");
	sem_post(&go_on);
	pthread_create(&thread, NULL, end, NULL);
	sem_wait(&started);
	while (pthread_tryjoin_np(thread, NULL))
		sched_yield();
	ok(sem_trywait(&started), "who has ended is joined without waiting");
}

static void *named(void *unused)
{
	char name[32], path[64];
	int fd;

	pthread_setname_np(pthread_self(), "worker");
	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", (int)syscall(SYS_gettid));
	fd = open(path, O_RDONLY);
	memset(name, 0, sizeof(name));
	read(fd, name, sizeof(name) - 1);
	close(fd);
	sem_post(&started);
	sem_wait(&go_on);
	return (void *)(intptr_t)!strcmp(name, "worker\n");
}

static void names(void)
{
	char name[16] = "";
	pthread_t thread;
	void *result;

	pthread_create(&thread, NULL, named, NULL);
	sem_wait(&started);
	ok(!pthread_getname_np(thread, name, sizeof(name)) && !strcmp(name, "worker"), "a thread has a name");
	ok(pthread_setname_np(thread, "sixteen letters.") == ERANGE, "of up to fifteen letters");
	ok(!pthread_setname_np(thread, "renamed") && !pthread_getname_np(thread, name, sizeof(name)) && !strcmp(name, "renamed"),
	   "which another thread may change");
	sem_post(&go_on);
	pthread_join(thread, &result);
	ok(result, "and /proc shows");
}

static volatile sig_atomic_t handled;
static volatile pthread_t handler_thread;
static void handle(int signal)
{
	handled++;
	handler_thread = pthread_self();
}

static void *inherit_mask(void *unused)
{
	sigset_t set;

	pthread_sigmask(SIG_BLOCK, NULL, &set);
	return (void *)(intptr_t)(sigismember(&set, SIGUSR1) && !sigismember(&set, SIGUSR2));
}

static void *unblock_and_wait(void *unused)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	sem_post(&started);
	while (!handled)
		sched_yield();
	return NULL;
}

static void *wait_for_own(void *unused)
{
	sigset_t set;
	int signal = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sem_post(&started);
	sigwait(&set, &signal);
	return (void *)(intptr_t)signal;
}

static void signals(void)
{
	struct sigaction action = { .sa_handler = handle };
	pthread_t thread;
	sigset_t set, pending;
	void *result;

	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_create(&thread, NULL, inherit_mask, NULL);
	pthread_join(thread, &result);
	ok(result, "a thread begins with the mask of who made it");
	pthread_create(&thread, NULL, unblock_and_wait, NULL);
	sem_wait(&started);
	kill(getpid(), SIGUSR1);
	pthread_join(thread, NULL);
	ok(handled == 1 && pthread_equal(handler_thread, thread), "a signal for the process goes to a thread that does not block it");
	pthread_kill(pthread_self(), SIGUSR1);
	sigpending(&pending);
	ok(sigismember(&pending, SIGUSR1) && handled == 1, "one for a thread waits until that thread takes it");
	pthread_create(&thread, NULL, wait_for_own, NULL);
	sem_wait(&started);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, &result);
	ok(result == (void *)SIGUSR1, "another thread takes only its own");
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	ok(handled == 2 && pthread_equal(handler_thread, pthread_self()), "then it comes");
	ok(pthread_sigmask(99, &set, NULL) == EINVAL && pthread_kill(pthread_self(), 99) == EINVAL
	   && pthread_kill(pthread_self(), 0) == 0, "mistakes are errors");
	pthread_create(&thread, NULL, wait_to_go, NULL);
	sem_wait(&started);
	sem_post(&go_on);
	pthread_join(thread, NULL);
}

static void *spend_time(void *unused)
{
	struct timespec spent;

	do {
		for (int i = 0; i < 1000; i++)
			getppid();
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	} while (spent.tv_nsec < 3000000 && !spent.tv_sec);
	sem_post(&started);
	sem_wait(&go_on);
	return NULL;
}

static void clocks_and_scheduling(void)
{
	struct timespec mine, its, process;
	struct sched_param param;
	clockid_t clock;
	pthread_t thread;
	cpu_set_t cpus;
	int policy = -1;

	pthread_create(&thread, NULL, spend_time, NULL);
	sem_wait(&started);
	ok(!pthread_getcpuclockid(thread, &clock) && !clock_gettime(clock, &its), "a thread's processor time can be read");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &process);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mine);
	ok((its.tv_nsec >= 3000000 || its.tv_sec) && (process.tv_sec > its.tv_sec || process.tv_nsec >= its.tv_nsec),
	   "it is part of the process's");
	ok(!pthread_getaffinity_np(thread, sizeof(cpus), &cpus) && CPU_ISSET(0, &cpus), "a thread may run on processor 0");
	ok(!pthread_setaffinity_np(thread, sizeof(cpus), &cpus), "and be told so");
	CPU_ZERO(&cpus);
	ok(pthread_setaffinity_np(thread, sizeof(cpus), &cpus) == EINVAL, "but not to run nowhere");
	ok(!pthread_getschedparam(thread, &policy, &param) && policy == SCHED_OTHER && param.sched_priority == 0, "it has a policy");
	ok(!pthread_setschedprio(thread, 0), "and a priority");
	sem_post(&go_on);
	pthread_join(thread, NULL);
	param.sched_priority = 0;
	ok(!sched_setscheduler(0, SCHED_BATCH, &param) && sched_getscheduler(0) == SCHED_BATCH && !sched_setparam(0, &param)
	   && !sched_getparam(0, &param) && !sched_setscheduler(0, SCHED_OTHER, &param), "so has whoever asks by the older calls");
}

static void *own_ids(void *seen)
{
	pid_t *ids = seen;

	ids[0] = getpid();
	ids[1] = syscall(SYS_gettid);
	return NULL;
}

static void ids(void)
{
	pid_t seen[2];
	pthread_t thread;

	pthread_create(&thread, NULL, own_ids, seen);
	pthread_join(thread, NULL);
	ok(seen[0] == getpid() && seen[1] != seen[0], "a thread has its process's id, and one of its own");
	ok(syscall(SYS_tgkill, getpid(), seen[1], 0) == -1 && errno == ESRCH, "joined, it is gone from the kernel");
}

int main(void)
{
	sem_init(&started, 0, 0);
	sem_init(&go_on, 0, 0);
	stacks();
	detachment();
	names();
	signals();
	clocks_and_scheduling();
	ids();
	return tap_done();
}
