// SPDX-License-Identifier: MIT
/* Processes that are made, replaced and waited for. What is executed is this program itself (`exit`), which ends at once. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

#define SELF "/proc/self/exe"
#define LARGE (16 << 20)

extern char **environ;

static void wait_for(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status != 0)
		fail("child");
}

static void forks(long n)
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

static void run_fork(long n)
{
	timer_start();
	forks(n);
	timer_stop();
}

static void run_large_fork(long n)
{
	char *memory = malloc(LARGE);

	if (!memory)
		fail("malloc");
	memset(memory, 1, LARGE);
	keep(memory);
	timer_start();
	forks(n);
	timer_stop();
	free(memory);
}

static void run_fork_exec(long n)
{
	timer_start();
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
	timer_stop();
}

static void run_vfork_exec(long n)
{
	timer_start();
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
	timer_stop();
}

static void spawns(long n, const char *path, char *const argv[])
{
	timer_start();
	while (n--) {
		pid_t child;

		if (posix_spawn(&child, path, NULL, NULL, argv, environ))
			fail(path);
		wait_for(child);
	}
	timer_stop();
}

static void run_spawn(long n)
{
	char *argv[] = { "bench", "exit", NULL };

	spawns(n, SELF, argv);
}

static void shells(long n, const char *path, char *name)
{
	char *argv[] = { name, "-c", "i=0; while [ $i -lt 200 ]; do \"$0\"; i=$((i+1)); done", (char *)true_path, NULL };

	spawns(n, path, argv);
}

static void run_dash(long n)
{
	shells(n, dash_path, "sh");
}

static void run_ash(long n)
{
	shells(n, ash_path, "ash");
}

static void run_bash(long n)
{
	shells(n, bash_path, "bash");
}

static void run_shell_pipeline(long n)
{
	char *argv[] = { "sh", "-c", "i=0; while [ $i -lt 20 ]; do echo a | \"$0\" | \"$0\"; i=$((i+1)); done",
			 (char *)true_path, NULL };

	spawns(n, dash_path, argv);
}

const struct row rows[] = {
	{ "fork + exit + wait", run_fork },
	{ "fork + exec + wait", run_fork_exec },
	{ "vfork + exec + wait", run_vfork_exec },
	{ "posix_spawn + wait", run_spawn },
	{ "200 x /bin/true in a shell", run_dash },
	{ "200 x /bin/true in ash", run_ash },
	{ "200 x /bin/true in bash", run_bash },
	{ "20 pipelines of three in a shell", run_shell_pipeline },
	{ "fork of 16 MiB + exit + wait", run_large_fork },
	{ NULL, NULL },
};
