/* SPDX-License-Identifier: MIT */
/* fork in signal handlers. The parent goes on as anywhere; so does the child as
 * long as it stays in the handler.  What becomes of one that leaves it is
 * native with -DLEAVE_HANDLERS, which needs -Wl,--wasmlinux-fork-in-handlers. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "children.h"
#include "tap.h"

static void install(int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };
	sigaction(sig, &sa, 0);
}

static volatile pid_t forked;
static volatile int in_handler;
static int data = 1;

__attribute__((noinline)) static pid_t deeper(int depth)
{
	volatile int local = depth;
	pid_t pid = depth ? deeper(depth - 1) : fork();
	if (local != depth) _exit(98);
	return pid;
}

static void forks(int sig)
{
	int local = sig;
	forked = deeper(5);
	if (local != sig) _exit(97);
	if (forked == 0) {
		data = 2;
		/* any call, and a fork again */
		pid_t again = fork();
		if (again == 0) _exit(getppid() > 1 && data == 2 ? 5 : 1);
		_exit(status_of(again) + (getpid() != getppid()) + local - sig);
	}
	in_handler++;
}

static void forks_twice(int sig)
{
	forks(sig);
	pid_t first = forked;
	if (status_of(first) != 6) _exit(96);
	forks(sig);
}

static void nested(int sig)
{
	int local = 17;
	raise(SIGUSR1);
	if (local == 17) in_handler += 10;
}

static void executes(int sig)
{
	forked = fork();
	if (forked == 0) {
		execl("/proc/self/exe", "child", (char *)0);
		_exit(1);
	}
}

static sigjmp_buf target;
static void jumps(int sig)
{
	forks(sig);
	siglongjmp(target, 1);
}

static void with_info(int sig, siginfo_t *info, void *context)
{
	int value = info->si_value.sival_int;
	forks(sig);
	if (value != 42 || info->si_value.sival_int != 42) _exit(95);
	in_handler += 100;
}

static void *thread(void *arg)
{
	raise(SIGUSR1);
	return (void *)(intptr_t)status_of(forked);
}

static void spawns_thread_in_child(int sig)
{
	forked = fork();
	if (forked == 0) {
		pthread_t t;
		void *result;
		install(SIGUSR1, forks, 0);
		if (pthread_create(&t, 0, thread, 0) || pthread_join(t, &result)) _exit(1);
		_exit((intptr_t)result);
	}
}

static void returns(int sig)
{
	forked = fork();
}

static void leaves(int sig)
{
	forked = fork();
	siglongjmp(target, 1);
}

static char stack[65536];

int main(int argc, char **argv)
{
	pthread_t t;
	void *result;

	if (!strcmp(argv[0], "child")) return 33;
	install(SIGUSR1, forks, 0);
	raise(SIGUSR1);
	ok(in_handler == 1 && data == 1 && status_of(forked) == 6, "parent and child both go on in the handler");
	for (int i = 0; i < 20; i++) {
		raise(SIGUSR1);
		if (status_of(forked) != 6) in_handler = -100;
	}
	ok(in_handler == 21, "twenty times");
	in_handler = 0;
	install(SIGUSR2, forks_twice, 0);
	raise(SIGUSR2);
	ok(in_handler == 2 && status_of(forked) == 6, "twice in one handler");

	in_handler = 0;
	install(SIGUSR2, nested, 0);
	raise(SIGUSR2);
	ok(in_handler == 11 && status_of(forked) == 6, "in a handler that interrupts a handler");

	in_handler = 0;
	sigaltstack(&(stack_t){ .ss_sp = stack, .ss_size = sizeof stack }, 0);
	install(SIGUSR1, forks, SA_ONSTACK);
	raise(SIGUSR1);
	ok(in_handler == 1 && status_of(forked) == 6, "on an alternate stack");
	char local[16384];
	sigaltstack(&(stack_t){ .ss_sp = local, .ss_size = sizeof local }, 0);
	raise(SIGUSR1);
	ok(in_handler == 2 && status_of(forked) == 6, "on one that lies in a frame");
	sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, 0);

	install(SIGUSR1, executes, 0);
	raise(SIGUSR1);
	ok(status_of(forked) == 33, "a child executes another program");

	install(SIGUSR1, jumps, SA_NODEFER);
	in_handler = 0;
	for (int i = 0; i < 3; i++)
		if (!sigsetjmp(target, 1)) raise(SIGUSR1);
		else if (status_of(forked) != 6) in_handler = -100;
	ok(in_handler == 3, "the parent jumps out of it");

	struct sigaction sa = { .sa_sigaction = with_info, .sa_flags = SA_SIGINFO };
	sigaction(SIGRTMIN, &sa, 0);
	in_handler = 0;
	sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 42 });
	ok(in_handler == 101 && status_of(forked) == 6, "a handler with siginfo");

	install(SIGUSR1, forks, 0);
	in_handler = 0;
	pthread_create(&t, 0, thread, 0);
	pthread_join(t, &result);
	ok(in_handler == 1 && (intptr_t)result == 6, "in a thread's handler");
	install(SIGUSR2, spawns_thread_in_child, 0);
	raise(SIGUSR2);
	ok(status_of(forked) == 6, "a child makes threads in the handler, whose handlers fork");

	forked = fork();
	if (forked == 0) {
		raise(SIGUSR1);
		_exit(status_of(forked));
	}
	ok(status_of(forked) == 6, "in the handler of a child");

	install(SIGUSR1, returns, 0);
	raise(SIGUSR1);
	if (forked == 0) _exit(12);
#if defined(__wasm__) && !defined(LEAVE_HANDLERS)
	ok(status_of(forked) == -SIGILL, "a child that returns from the handler dies of SIGILL");
#else
	ok(status_of(forked) == 12, "a child returns from the handler");
#endif
	install(SIGUSR1, leaves, SA_NODEFER);
	if (!sigsetjmp(target, 1)) raise(SIGUSR1);
	if (forked == 0) _exit(13);
#if defined(__wasm__) && !defined(LEAVE_HANDLERS)
	ok(status_of(forked) == -SIGABRT, "one that jumps out of it dies of SIGABRT");
#else
	ok(status_of(forked) == 13, "a child jumps out of the handler");
#endif
	return tap_done();
}
