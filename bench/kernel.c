// SPDX-License-Identifier: MIT
/*
 * What it costs to cross into the kernel and between processes. One source, built natively and for the guest; bench/main.ts
 * runs both and compares. Prints a line a row: name, tab, nanoseconds of one operation (the best of ROUNDS rounds, since noise
 * only ever adds).
 */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 5
#define SELF "/proc/self/exe"

extern char **environ;

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void wait_for(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status != 0)
		fail("child");
}

static void run_getppid(int n)
{
	while (n--)
		getppid();
}

static void run_pipe(int n)
{
	char byte = 0;
	int ends[2];

	if (pipe(ends))
		fail("pipe");
	while (n--)
		if (write(ends[1], &byte, 1) != 1 || read(ends[0], &byte, 1) != 1)
			fail("pipe");
	close(ends[0]);
	close(ends[1]);
}

static void run_stat(int n)
{
	struct stat st;

	while (n--)
		if (stat("/proc", &st))
			fail("stat");
}

static void run_fork(int n)
{
	while (n--) {
		pid_t child = fork();

		if (child < 0)
			fail("fork");
		if (child == 0)
			_exit(0);
		wait_for(child);
	}
}

static void run_fork_exec(int n)
{
	while (n--) {
		pid_t child = fork();

		if (child < 0)
			fail("fork");
		if (child == 0) {
			execl(SELF, "bench", "exit", (char *)0);
			_exit(1);
		}
		wait_for(child);
	}
}

static void run_vfork_exec(int n)
{
	while (n--) {
		pid_t child = vfork();

		if (child < 0)
			fail("vfork");
		if (child == 0) {
			execl(SELF, "bench", "exit", (char *)0);
			_exit(1);
		}
		wait_for(child);
	}
}

static void run_spawn(int n)
{
	char *argv[] = { "bench", "exit", NULL };

	while (n--) {
		pid_t child;

		if (posix_spawn(&child, SELF, NULL, NULL, argv, environ))
			fail("posix_spawn");
		wait_for(child);
	}
}

/* A child that sends back each byte. */
static void run_ping_pong(int n)
{
	int there[2], back[2];
	char byte = 0;
	pid_t child;

	if (pipe(there) || pipe(back))
		fail("pipe");
	child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0) {
		close(there[1]);
		while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	while (n--)
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			fail("ping-pong");
	for (int i = 0; i < 2; i++) {
		close(there[i]);
		close(back[i]);
	}
	wait_for(child);
}

static const struct {
	const char *name;
	void (*run)(int);
	int n;
} rows[] = {
	{ "getppid", run_getppid, 1000000 },
	{ "pipe write+read, 1 byte", run_pipe, 200000 },
	{ "stat", run_stat, 100000 },
	{ "pipe round trip, two processes", run_ping_pong, 50000 },
	{ "fork+exit+wait", run_fork, 500 },
	{ "fork+exec+wait", run_fork_exec, 300 },
	{ "vfork+exec+wait", run_vfork_exec, 300 },
	{ "posix_spawn+wait", run_spawn, 300 },
};

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double best = 1e300;

		for (int round = 0; round < ROUNDS; round++) {
			double start = now_ns(), each;

			rows[i].run(rows[i].n);
			each = (now_ns() - start) / rows[i].n;
			if (each < best)
				best = each;
		}
		printf("%s\t%.1f\n", rows[i].name, best);
		fflush(stdout);
	}
	return 0;
}
