// SPDX-License-Identifier: MIT
/*
 * What exec keeps and what it begins anew, as execve(2) says: number, signals, timers, descriptors, locks, threads; its limits.
 * As root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "children.h"
#include "tap.h"

static void again(const char *how, const char *detail)
{
	execl("/proc/self/exe", "exec-state", how, detail, NULL);
	_exit(125);
}

static void handler(int sig)
{
	(void)sig;
}

static int number_of_threads(void)
{
	char text[4096] = "";
	int fd = open("/proc/self/status", O_RDONLY);

	read(fd, text, sizeof(text) - 1);
	close(fd);
	return atoi(strstr(text, "Threads:") + 8);
}

/* After the exec: 0, or what is not as it should be. */
static int look(const char *how, const char *detail)
{
	struct sigaction action;
	struct itimerval timer;
	stack_t stack;
	sigset_t mask;
	char name[32];

	if (!strcmp(how, "signals")) {
		sigaction(SIGUSR1, NULL, &action);
		if (action.sa_handler != SIG_DFL || action.sa_flags & SA_ONSTACK)
			return 1;
		sigaction(SIGUSR2, NULL, &action);
		if (action.sa_handler != SIG_IGN)
			return 2;
		sigprocmask(0, NULL, &mask);
		if (!sigismember(&mask, SIGTERM) || sigismember(&mask, SIGUSR1))
			return 3;
		sigpending(&mask);
		if (!sigismember(&mask, SIGTERM))
			return 4;
		sigaltstack(NULL, &stack);
		return stack.ss_flags == SS_DISABLE ? 0 : 5;
	}
	if (!strcmp(how, "timers")) {
		if (timer_gettime((timer_t)0, &(struct itimerspec) { 0 }) != -1)
			return 1;
		getitimer(ITIMER_REAL, &timer);
		if (timer.it_value.tv_sec < 1000)
			return 2;
		return alarm(0) > 1000 ? 0 : 3;
	}
	if (!strcmp(how, "rest")) {
		if (getpid() != atoi(detail) || getpgrp() != getpid() || getsid(0) != getpid())
			return 1;
		if (fcntl(200, F_GETFD) != -1 || fcntl(201, F_GETFD) == -1 || fcntl(210, F_GETFD) != -1 || fcntl(211, F_GETFD) == -1)
			return 2;
		prctl(PR_GET_NAME, name);
		if (strcmp(name, "exe") && strcmp(name, "exec-state"))
			return 3;
		if (umask(0) != 0123 || getpriority(PRIO_PROCESS, 0) != 3)
			return 4;
		int number;
		prctl(PR_GET_PDEATHSIG, &number);
		if (number != SIGUSR1)
			return 5;
		struct flock lock = { .l_type = F_WRLCK };
		pid_t child = fork();
		if (!child)
			_exit(fcntl(201, F_GETLK, &lock) || lock.l_type != F_WRLCK || lock.l_pid != getppid());
		if (status_of(child))
			return 6;
		struct rlimit limit;
		getrlimit(RLIMIT_NOFILE, &limit);
		return limit.rlim_cur == 777 ? 0 : 7;
	}
	if (!strcmp(how, "thread"))
		return getpid() == atoi(detail) && syscall(SYS_gettid) == getpid() && number_of_threads() == 1 ? 0 : 1;
	return 99;
}

static void *executes(void *unused)
{
	char number[16];

	(void)unused;
	snprintf(number, sizeof(number), "%d", getpid());
	again("thread", number);
	return NULL;
}

static void *sleeps(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void kept(void)
{
	static char alternate[65536];
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	struct itimerspec later = { .it_value.tv_sec = 5000 };
	char number[16];
	pid_t child = fork();

	if (!child) {
		sigset_t mask;
		struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };

		sigaltstack(&(stack_t) { .ss_sp = alternate, .ss_size = sizeof(alternate) }, NULL);
		sigaction(SIGUSR1, &action, NULL);
		signal(SIGUSR2, SIG_IGN);
		sigemptyset(&mask);
		sigaddset(&mask, SIGTERM);
		sigprocmask(SIG_BLOCK, &mask, NULL);
		raise(SIGTERM);
		again("signals", NULL);
	}
	ok(status_of(child) == 0, "handlers are reset; what is ignored, blocked or pending stays; no alternate stack");
	child = fork();
	if (!child) {
		timer_t timer;

		timer_create(CLOCK_MONOTONIC, &event, &timer);
		timer_settime(timer, 0, &later, NULL);
		alarm(5000);
		again("timers", NULL);
	}
	ok(status_of(child) == 0, "POSIX timers are gone, alarm() stays");
	child = fork();
	if (!child) {
		struct flock lock = { .l_type = F_WRLCK };
		struct rlimit limit = { 777, 777 };
		int file = open("/tmp/exec-state", O_CREAT | O_RDWR, 0600);

		setsid();
		dup3(file, 200, O_CLOEXEC);
		/* of its own: to close another descriptor of a file ends its locks */
		dup2(open("/tmp/exec-state-lock", O_CREAT | O_RDWR, 0600), 201);
		dup2(file, 210);
		dup2(file, 211);
		if (syscall(SYS_close_range, 210, 210, 4))	/* CLOSE_RANGE_CLOEXEC */
			_exit(124);
		fcntl(201, F_SETLK, &lock);
		prctl(PR_SET_NAME, "other");
		prctl(PR_SET_PDEATHSIG, SIGUSR1);
		umask(0123);
		setpriority(PRIO_PROCESS, 0, 3);
		setrlimit(RLIMIT_NOFILE, &limit);
		snprintf(number, sizeof(number), "%d", getpid());
		again("rest", number);
	}
	int status = status_of(child);
	ok(status == 0, "number, session, descriptors, locks, mask, priority, death signal, limits stay; the name changes");
	if (status)
		printf("# %d\n", status);
	unlink("/tmp/exec-state");
	unlink("/tmp/exec-state-lock");
}

static void threads(void)
{
	pthread_t thread;
	pid_t child = fork();

	if (!child) {
		for (int i = 0; i < 5; i++)
			pthread_create(&thread, NULL, sleeps, NULL);
		pthread_create(&thread, NULL, executes, NULL);
		for (;;)
			pause();
	}
	ok(status_of(child) == 0, "exec in a thread ends the others and has the process's number");
	child = fork();
	if (!child) {
		for (int i = 0; i < 5; i++)
			pthread_create(&thread, NULL, sleeps, NULL);
		execl("/nowhere", "x", NULL);
		_exit(number_of_threads() == 6 ? 0 : 1);
	}
	ok(status_of(child) == 0, "an exec that fails ends nobody");
}

static int try_size(size_t one, int count)
{
	char **argv = calloc(count + 2, sizeof(*argv)), *word = malloc(one);
	int status;

	memset(word, 'w', one - 1);
	word[one - 1] = 0;
	argv[0] = "x";
	for (int i = 1; i <= count; i++)
		argv[i] = word;
	pid_t child = fork();
	if (!child) {
		setenv("EXEC_STATE_SIZE", "1", 1);
		execv("/proc/self/exe", argv);
		_exit(errno == E2BIG ? 7 : 8);
	}
	status = status_of(child);
	free(argv);
	free(word);
	return status;
}

static void limits(void)
{
	struct rlimit limit = { 1 << 20, RLIM_INFINITY }, before;

	ok(try_size(131072, 1) == 0 && try_size(131073, 1) == 7, "one argument: 128 KiB with its end, then E2BIG");
	ok(try_size(100000, 12) == 0, "all together: more than a megabyte");
	ok(try_size(100000, 80) == 7, "8 MB are E2BIG");
	ok(try_size(2, 400000) == 7 || sysconf(_SC_ARG_MAX) > 1 << 22, "so are many small ones");
	getrlimit(RLIMIT_STACK, &before);
	limit.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_STACK, &limit);
	ok(try_size(100000, 2) == 0 && try_size(100000, 4) == 7, "a quarter of the stack's limit bounds them");
	setrlimit(RLIMIT_STACK, &before);
	pid_t child = fork();
	if (!child) {
		syscall(SYS_execve, "/proc/self/exe", NULL, NULL);
		_exit(1);
	}
	ok(status_of(child) == 30, "no arguments at all: an empty first one");
	child = fork();
	if (!child) {
		syscall(SYS_execve, "/proc/self/exe", (void *)-4096, NULL);
		_exit(errno == EFAULT ? 0 : 1);
	}
	ok(status_of(child) == 0, "EFAULT for wild ones");
}

int main(int argc, char **argv)
{
	if (argc == 1 && !argv[0][0])
		return 30;
	if (getenv("EXEC_STATE_SIZE"))
		return 0;
	if (argc > 1)
		return look(argv[1], argv[2]);
	kept();
	threads();
	limits();
	return tap_done();
}
