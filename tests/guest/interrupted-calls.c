// SPDX-License-Identifier: MIT
/*
 * How signals interrupt system calls: which are made again, which give EINTR, masks that hold for one call only, handlers
 * within handlers, and what a trap does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tap.h"

static volatile int count, depth, deepest, sum;
static char order[32];

static void handler(int signal)
{
	count++;
}

static void nesting(int signal)
{
	if (++depth > deepest)
		deepest = depth;
	order[strlen(order)] = signal == SIGUSR1 ? 'a' : 'b';
	if (signal == SIGUSR1)
		kill(getpid(), SIGUSR2);
	order[strlen(order)] = signal == SIGUSR1 ? 'A' : 'B';
	depth--;
}

static void with_info(int signal, siginfo_t *info, void *context)
{
	sum += info->si_value.sival_int;
	if (info->si_code != SI_QUEUE || info->si_pid != getpid())
		sum = -1000;
}

static void install(int signal, void (*function)(int), int flags)
{
	struct sigaction action = { .sa_handler = function, .sa_flags = flags };

	sigaction(signal, &action, NULL);
}

/* A child that sends signal until it is killed, every 10 ms. */
static pid_t sender(int signal)
{
	pid_t parent = getpid(), child = fork();

	if (child)
		return child;
	for (;;) {
		usleep(10000);
		if (kill(parent, signal))
			_exit(0);
	}
}

static void stop(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static int death_of(void (*function)(void))
{
	pid_t child = fork();
	int status;

	if (!child) {
		function();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static volatile int zero;
static void divide(void)
{
	sum = 100 / zero;
	__builtin_trap();
}
static void unreachable(void)
{
	__builtin_trap();
}
static void wild_store(void)
{
	*(volatile int *)0xffff0000 = 1;
}
static void wild_call(void)
{
	((void (*)(void))0x7fffffff)();
}
static int recurse(int n)
{
	char frame[100];

	/* Makes system calls on the way to the edge of its stack. */
	syscall(SYS_getppid);
	frame[n % 100] = n;
	return recurse(n + 1) + frame[n / 2 % 100];
}
static void overflow(void)
{
	sum = recurse(0);
}

int main(void)
{
	int pipes[2], status;
	sigset_t set, old;
	struct timespec ts;
	struct itimerval timer = { { 0, 0 }, { 0, 200000 } };
	pid_t child;
	char c;

	pipe(pipes);
	install(SIGUSR1, handler, 0);
	child = sender(SIGUSR1);
	ok(read(pipes[0], &c, 1) == -1 && errno == EINTR && count, "a handler makes read() give EINTR");
	ok(poll(NULL, 0, -1) == -1 && errno == EINTR, "and poll()");
	install(SIGUSR1, handler, SA_RESTART);
	count = 0;
	ok(poll(NULL, 0, -1) == -1 && errno == EINTR, "which SA_RESTART does not change");
	stop(child);

	count = 0;
	child = fork();
	if (!child) {
		for (int i = 0; i < 5; i++) {
			usleep(10000);
			kill(getppid(), SIGUSR1);
		}
		usleep(10000);
		write(pipes[1], "x", 1);
		_exit(0);
	}
	ok(read(pipes[0], &c, 1) == 1 && count >= 1, "SA_RESTART makes read() again");
	waitpid(child, NULL, 0);

	child = fork();
	if (!child) {
		for (;;)
			pause();
	}
	kill(child, SIGSTOP);
	ok(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status), "a child is stopped");
	kill(child, SIGCONT);
	ok(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status), "and goes on");
	stop(child);

	install(SIGUSR1, nesting, 0);
	install(SIGUSR2, nesting, 0);
	kill(getpid(), SIGUSR1);
	ok(deepest == 2 && !strcmp(order, "abBA"), "a handler is interrupted by another signal's");
	memset(order, 0, sizeof(order));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, &old);
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR1);
	ok(!order[0], "blocked signals wait");
	sigprocmask(SIG_SETMASK, &old, NULL);
	ok(strlen(order) >= 4 && depth == 0, "and come when they are let");

	install(SIGUSR1, handler, 0);
	sigprocmask(SIG_BLOCK, &set, NULL);
	count = 0;
	kill(getpid(), SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &old);
	sigemptyset(&set);
	ok(sigsuspend(&set) == -1 && errno == EINTR && count == 1, "sigsuspend() lets a signal in");
	sigprocmask(SIG_BLOCK, NULL, &set);
	ok(sigismember(&set, SIGUSR1) && sigismember(&set, SIGUSR2), "and the mask is what it was");
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);

	struct sigaction action = { .sa_sigaction = with_info, .sa_flags = SA_SIGINFO };
	sigaction(SIGRTMIN, &action, NULL);
	for (int i = 1; i <= 10; i++)
		sigqueue(getpid(), SIGRTMIN, (union sigval) { .sival_int = i });
	ok(sum == 55, "real-time signals carry values");
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sum = 0;
	for (int i = 1; i <= 10; i++)
		sigqueue(getpid(), SIGRTMIN, (union sigval) { .sival_int = i });
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ok(sum == 55, "and queue while they are blocked");

	install(SIGUSR1, handler, SA_RESETHAND | SA_NODEFER);
	kill(getpid(), SIGUSR1);
	sigaction(SIGUSR1, NULL, &action);
	ok(action.sa_handler == SIG_DFL, "SA_RESETHAND resets the handler");

	install(SIGALRM, handler, 0);
	count = 0;
	setitimer(ITIMER_REAL, &timer, NULL);
	ts = (struct timespec) { 5, 0 };
	ok(nanosleep(&ts, &ts) == -1 && errno == EINTR && count == 1 && ts.tv_sec == 4, "setitimer() interrupts nanosleep(), which tells the rest");

	ok(death_of(unreachable) == SIGILL, "an unreachable instruction is SIGILL");
	ok(death_of(divide) == SIGFPE, "a division by zero is SIGFPE");
	ok(death_of(wild_store) == SIGSEGV, "a store outside memory is SIGSEGV");
	ok(death_of(wild_call) == SIGSEGV, "a call through a wild pointer is SIGSEGV");
	ok(death_of(overflow) == SIGSEGV, "an endless recursion with system calls is SIGSEGV");
	return tap_done();
}
