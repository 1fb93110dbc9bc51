// SPDX-License-Identifier: MIT
/*
 * How threads end: cancelled (where, with what handlers, when not), by pthread_exit, with values of keys to be destroyed,
 * detached, after main; and how they end the process while others wait.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tap.h"

static sem_t started;
static int pipe_ends[2], pair[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_t sleeper;
static char order[16];

static void note(void *letter)
{
	strncat(order, letter, 1);
}

static void unlock(void *taken)
{
	strncat(order, pthread_mutex_trylock(taken) == EBUSY ? "L" : "U", 1);
	pthread_mutex_unlock(taken);
}

static void in_read(void) { char byte; read(pipe_ends[0], &byte, 1); }
static void in_sleep(void) { sleep(1000); }
static void in_nanosleep(void) { struct timespec time = { 1000, 0 }; nanosleep(&time, NULL); }
static void in_clock_nanosleep(void)
{
	struct timespec time = { 1000, 0 };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}
static void in_poll(void) { struct pollfd ends = { pipe_ends[0], POLLIN, 0 }; poll(&ends, 1, -1); }
static void in_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(pipe_ends[0], &set);
	select(pipe_ends[0] + 1, &set, NULL, NULL, NULL);
}
static void in_recv(void) { char byte; recv(pair[0], &byte, 1, 0); }
static void in_accept(void)
{
	int server = socket(AF_UNIX, SOCK_STREAM, 0);

	/* Without a name it is bound to one of the kernel's. */
	bind(server, &(struct sockaddr) { AF_UNIX }, sizeof(sa_family_t));
	listen(server, 1);
	accept(server, NULL, NULL);
}
static void in_sem_wait(void) { sem_t never; sem_init(&never, 0, 0); sem_wait(&never); }
static void in_cond_wait(void)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, &mutex);
	pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(1);
}
static void in_join(void) { pthread_join(sleeper, NULL); }
static void in_pause(void) { pause(); }
static void in_sigwait(void) { sigset_t set; int signal; sigemptyset(&set); sigaddset(&set, SIGUSR2); sigwait(&set, &signal); }
static void in_sigsuspend(void) { sigset_t set; sigemptyset(&set); sigsuspend(&set); }
static void in_waitpid(void) { waitpid(-1, NULL, 0); }

static const struct {
	const char *name;
	void (*function)(void);
} points[] = {
	{ "read", in_read }, { "sleep", in_sleep }, { "nanosleep", in_nanosleep }, { "clock_nanosleep", in_clock_nanosleep },
	{ "poll", in_poll }, { "select", in_select }, { "recv", in_recv }, { "accept", in_accept },
	{ "sem_wait", in_sem_wait }, { "pthread_cond_wait", in_cond_wait }, { "pthread_join", in_join },
	{ "pause", in_pause }, { "sigwait", in_sigwait }, { "sigsuspend", in_sigsuspend }, { "waitpid", in_waitpid },
};

static void *run_point(void *function)
{
	pthread_cleanup_push(note, "1");
	pthread_cleanup_push(note, "2");
	sem_post(&started);
	((void (*)(void))function)();
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *sleep_long(void *unused)
{
	sem_post(&started);
	for (;;)
		pause();
}

/* Waits until thread tid of this process sleeps. */
static void until_asleep(pid_t tid)
{
	char path[64], text[128] = "";

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	do {
		int fd = open(path, O_RDONLY);

		sched_yield();
		if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
			exit(1);
		close(fd);
	} while (strncmp(strrchr(text, ')') + 2, "S", 1));
}

static volatile pid_t tid;
static void *run_point_known(void *function)
{
	tid = gettid();
	return run_point(function);
}

static void cancellation_points(void)
{
	pid_t child = fork();
	char what[64];
	int status;

	if (!child)
		for (;;)
			pause();
	pthread_create(&sleeper, NULL, sleep_long, NULL);
	sem_wait(&started);
	for (unsigned i = 0; i < sizeof(points) / sizeof(*points); i++) {
		pthread_t thread;
		void *result = NULL;

		order[0] = 0;
		pthread_create(&thread, NULL, run_point_known, points[i].function);
		sem_wait(&started);
		until_asleep(tid);
		pthread_cancel(thread);
		pthread_join(thread, &result);
		snprintf(what, sizeof(what), "a thread that waits in %s is cancelled", points[i].name);
		ok(result == PTHREAD_CANCELED && !strcmp(order, points[i].function == in_cond_wait ? "L21" : "21"), what);
	}
	pthread_cancel(sleeper);
	pthread_join(sleeper, NULL);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
}

static void *disabled(void *unused)
{
	int before;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	sem_post(&started);
	in_read();
	note("d");
	pthread_setcancelstate(before, NULL);
	note("e");
	pthread_testcancel();
	note("f");
	return NULL;
}

static void *asynchronous(void *unused)
{
	int before;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &before);
	pthread_cleanup_push(note, "a");
	sem_post(&started);
	/* Not a cancellation point: only the type makes it one. (A loop without system calls is not interrupted yet.) */
	for (;;)
		sched_yield();
	pthread_cleanup_pop(0);
	return NULL;
}

static void *cancel_myself(void *unused)
{
	pthread_cancel(pthread_self());
	note("s");
	pthread_testcancel();
	note("t");
	return NULL;
}

static void cancellation_states(void)
{
	pthread_t thread;
	void *result;

	order[0] = 0;
	pthread_create(&thread, NULL, disabled, NULL);
	sem_wait(&started);
	pthread_cancel(thread);
	write(pipe_ends[1], "x", 1);
	pthread_join(thread, &result);
	ok(result == PTHREAD_CANCELED && !strcmp(order, "de"), "disabled, a cancellation waits");
	order[0] = 0;
	pthread_create(&thread, NULL, cancel_myself, NULL);
	pthread_join(thread, &result);
	ok(result == PTHREAD_CANCELED && !strcmp(order, "s"), "a thread cancels itself at its next point");
	ok(pthread_setcancelstate(99, NULL) == EINVAL && pthread_setcanceltype(99, NULL) == EINVAL, "wrong states are errors");
	order[0] = 0;
	pthread_create(&thread, NULL, run_point, in_pause);
	pthread_detach(thread);
	sem_wait(&started);
	pthread_cancel(thread);
	while (strcmp(order, "21"))
		sched_yield();
	ok(1, "a detached thread is cancelled, too");
}

static void asynchronous_cancellation(void)
{
	pthread_t thread;
	void *result;

	order[0] = 0;
	pthread_create(&thread, NULL, asynchronous, NULL);
	sem_wait(&started);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	ok(result == PTHREAD_CANCELED && !strcmp(order, "a"), "asynchronous cancellation needs no cancellation point");
}

static void *exit_deep(void *depth)
{
	pthread_cleanup_push(note, "x");
	if ((intptr_t)depth > 0)
		exit_deep((void *)((intptr_t)depth - 1));
	pthread_exit((void *)77);
	pthread_cleanup_pop(0);
}

static pthread_key_t keys[3];
static int rounds, wrong_thread;
static pthread_t keyed;

/* Sets its own key again until the implementation gives up. */
static void set_again(void *value)
{
	rounds++;
	wrong_thread += !pthread_equal(keyed, pthread_self());
	pthread_setspecific(keys[0], value);
}

static int destroyed;
static void destroy(void *value)
{
	destroyed += (int)(intptr_t)value;
	if (pthread_getspecific(keys[1]))
		destroyed = -1000;
}

static void *use_keys(void *unused)
{
	keyed = pthread_self();
	if (pthread_getspecific(keys[0]) || pthread_getspecific(keys[1]))
		return (void *)1;
	pthread_setspecific(keys[0], "again");
	pthread_setspecific(keys[1], (void *)5);
	pthread_setspecific(keys[2], "without destructor");
	return NULL;
}

static void *keys_and_exit(void *unused)
{
	pthread_setspecific(keys[1], (void *)20);
	pthread_exit(NULL);
}

static void thread_specific(void)
{
	pthread_key_t all[PTHREAD_KEYS_MAX + 1];
	pthread_t thread;
	void *result;
	int made = 0, error;

	pthread_key_create(&keys[0], set_again);
	pthread_key_create(&keys[1], destroy);
	pthread_key_create(&keys[2], NULL);
	pthread_create(&thread, NULL, use_keys, NULL);
	pthread_join(thread, &result);
	ok(!result && rounds == PTHREAD_DESTRUCTOR_ITERATIONS && !wrong_thread,
	   "destructors run as often as they leave something, in the thread");
	ok(destroyed == 5, "each finds its key empty");
	pthread_create(&thread, NULL, keys_and_exit, NULL);
	pthread_join(thread, NULL);
	ok(destroyed == 25, "pthread_exit destroys, too");
	pthread_key_delete(keys[1]);
	ok(pthread_setspecific(keys[2], "main's") == 0 && !strcmp(pthread_getspecific(keys[2]), "main's"), "main has values, too");
	while (!(error = pthread_key_create(&all[made], NULL)) && made < PTHREAD_KEYS_MAX)
		made++;
	ok(error == EAGAIN && made >= PTHREAD_KEYS_MAX - 8, "there are as many keys as promised, and then no more");
	while (made--)
		pthread_key_delete(all[made]);
}

static void *hold_mutex(void *unused)
{
	pthread_mutex_lock(&mutex);
	sem_post(&started);
	for (;;)
		pause();
}

static void *join_main(void *main_thread)
{
	void *result;

	_exit(pthread_join(*(pthread_t *)main_thread, &result) || result != (void *)3 ? 1 : 43);
}

static void *call_exit(void *unused)
{
	exit(44);
}

static void *wait_for_mutex(void *unused)
{
	sem_post(&started);
	pthread_mutex_lock(&mutex);
	return NULL;
}

static int status_of(void (*function)(void))
{
	int status;
	pid_t child = fork();

	if (!child) {
		sem_init(&started, 0, 0);
		function();
		_exit(99);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void main_leaves(void)
{
	static pthread_t self;
	pthread_t thread;

	self = pthread_self();
	pthread_create(&thread, NULL, join_main, &self);
	pthread_exit((void *)3);
}

static void last_leaves(void)
{
	pthread_exit((void *)3);
}

static void exit_with_others(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, hold_mutex, NULL);
	sem_wait(&started);
	for (int i = 0; i < 20; i++) {
		pthread_create(&thread, NULL, i % 2 ? wait_for_mutex : sleep_long, NULL);
		sem_wait(&started);
	}
	pthread_create(&thread, NULL, call_exit, NULL);
	pthread_join(thread, NULL);
}

static void exec_with_others(void)
{
	pthread_t thread;

	for (int i = 0; i < 20; i++) {
		pthread_create(&thread, NULL, sleep_long, NULL);
		sem_wait(&started);
	}
	execl("/proc/self/exe", "cancellation", "exec'd", (char *)NULL);
}

static void *kill_all(void *unused)
{
	raise(SIGKILL);
	return NULL;
}

static void killed_with_others(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, sleep_long, NULL);
	sem_wait(&started);
	pthread_create(&thread, NULL, kill_all, NULL);
	for (;;)
		pause();
}

static void process_ends(void)
{
	ok(status_of(main_leaves) == 43, "main leaves by pthread_exit and is joined");
	ok(status_of(last_leaves) == 0, "the last thread's pthread_exit is exit(0)");
	ok(status_of(exit_with_others) == 44, "exit in a thread ends those that sleep and those that wait for a mutex");
	ok(status_of(exec_with_others) == 45, "so does exec");
	ok(status_of(killed_with_others) == 1000 + SIGKILL, "and a fatal signal to one");
}

int main(int argc, char **argv)
{
	pthread_t thread;
	void *result;

	if (argc > 1)
		return 45;
	sem_init(&started, 0, 0);
	pipe(pipe_ends);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	cancellation_points();
	cancellation_states();
	asynchronous_cancellation();
	order[0] = 0;
	pthread_create(&thread, NULL, exit_deep, (void *)3);
	pthread_join(thread, &result);
	ok(result == (void *)77 && !strcmp(order, "xxxx"), "pthread_exit in nested calls runs all handlers");
	thread_specific();
	process_ends();
	return tap_done();
}
