// SPDX-License-Identifier: MIT
/*
 * A prompt answers whatever else goes on: beside hundreds of busy loops, a fork bomb under pids.max, a memory hog under
 * memory.max. How soon is the bench's to measure; here it must only answer, while they run.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "prompt.h"
#include "tap.h"

#ifndef SCHED_RESET_ON_FORK
#define SCHED_RESET_ON_FORK 0x40000000
#endif

/* More: the argument. */
#define LOOPS 200
#define LOOPS_MAX 1000

static int loops = LOOPS;
#define MIB (1 << 20)

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void prompt_answers(const char *beside)
{
	char what[100];
	double begin, worst = 0, sum = 0;
	int answered = 1;

	for (int i = 0; i < 10 && answered; i++) {
		begin = now_ms();
		answered = type("echo $((6 * 7))\n", "42");
		double took = now_ms() - begin;
		sum += took;
		worst = took > worst ? took : worst;
	}
	printf("# %s: answers in %.1f ms on average, at worst %.1f\n", beside, sum / 10, worst);
	snprintf(what, sizeof what, "the prompt answers beside %s", beside);
	ok(answered, what);
	snprintf(what, sizeof what, "and runs programs");
	ok(type("ls -d /proc/self | tr a-z A-Z; true && echo $((1 + 1))$?\n", "/PROC/SELF") && strstr(shown, "20"), what);
}

static void busy_loops(void)
{
	static pid_t pids[LOOPS_MAX];
	int ready[2], begun = 0, ended = 0;
	char byte;

	if (pipe(ready))
		exit(1);
	for (int i = 0; i < loops; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			if (write(ready[1], "", 1) != 1)
				_exit(1);
			for (;;)
				;
		}
		begun += pids[i] > 0;
	}
	close(ready[1]);
	ok(begun == loops, "many processes");
	while (begun > 0 && read(ready[0], &byte, 1) == 1)
		begun--;
	ok(begun == 0, "each of them runs");
	close(ready[0]);
	prompt_answers("many busy loops");
	for (int i = 0; i < loops; i++)
		kill(pids[i], SIGKILL);
	for (int i = 0; i < loops; i++) {
		int status;
		ended += waitpid(pids[i], &status, 0) == pids[i] && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	}
	ok(ended == loops, "they end when they are killed");
}

static int put(const char *folder, const char *name, const char *value)
{
	char path[200];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	ssize_t n = write(fd, value, strlen(value));
	close(fd);
	return n < 0 ? -1 : 0;
}

static long get(const char *folder, const char *name, const char *label)
{
	char path[200], text[1000];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	char *at = strstr(text, label);
	return at ? atol(at + strlen(label)) : -1;
}

static void pause_ms(long ms)
{
	struct timespec t = { 0, ms * 1000000 };

	nanosleep(&t, NULL);
}

/* Version 2; or, to try the test elsewhere, version 1. */
static const char *group(const char *controller)
{
	static char path[100];

	put("/sys/fs/cgroup", "cgroup.subtree_control", controller);
	snprintf(path, sizeof path, "/sys/fs/cgroup/%s%sstarvation",
		 access("/sys/fs/cgroup/cgroup.controllers", F_OK) ? controller + 1 : "",
		 access("/sys/fs/cgroup/cgroup.controllers", F_OK) ? "/" : "");
	mkdir(path, 0755);
	return path;
}

/* Until none is left: each round may meet new ones. */
static void kill_all(const char *folder)
{
	char path[200];
	FILE *procs;
	int pid, found;

	snprintf(path, sizeof path, "%s/cgroup.procs", folder);
	do {
		found = 0;
		procs = fopen(path, "r");
		while (procs && fscanf(procs, "%d", &pid) == 1) {
			found++;
			kill(pid, SIGKILL);
		}
		if (procs)
			fclose(procs);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		pause_ms(1);
	} while (found > 0);
}

static void fork_bomb(void)
{
	const char *folder = group("+pids");

	if (put(folder, "pids.max", "100")) {
		ok(1, "a fork bomb # SKIP no pids controller here");
		return;
	}
	if (fork() == 0) {
		put(folder, "cgroup.procs", "0");
		/* Who can't fork computes, and tries again. */
		for (volatile unsigned i = 0;; i++)
			if (i % 100000 == 0)
				fork();
	}
	while (get(folder, "pids.events", "max ") < 100)
		pause_ms(5);
	ok(get(folder, "pids.current", "") == 100, "pids.max holds a fork bomb");
	prompt_answers("a fork bomb");
	kill_all(folder);
	ok(get(folder, "pids.current", "") == 0, "it can be killed");
	rmdir(folder);
}

static void hog(void)
{
	/* The compiler must not leave it out. */
	static char *volatile memory;

	for (;;) {
		memory = malloc(MIB);
		if (memory)
			memset(memory, 1, MIB);
	}
}

static void memory_hog(void)
{
	const char *folder = group("+memory");
	long hits;

	if (put(folder, "memory.max", "67108864")) {
		ok(1, "a memory hog # SKIP no such controller here");
		return;
	}
	/* One after the other is killed, for ever. */
	if (fork() == 0) {
		put("/proc/self", "oom_score_adj", "-1000");
		put(folder, "cgroup.procs", "0");
		for (;;) {
			if (fork() == 0) {
				put("/proc/self", "oom_score_adj", "0");
				hog();
			}
			wait(NULL);
		}
	}
	/* Whether it is killed or told so is user-memory.c's to look at. */
	while (get(folder, "memory.events", "max ") < 1)
		pause_ms(5);
	ok(1, "memory.max holds a memory hog");
	hits = get(folder, "memory.events", "max ");
	prompt_answers("a memory hog");
	while (get(folder, "memory.events", "max ") <= hits)
		pause_ms(5);
	ok(1, "and still does");
	kill_all(folder);
	rmdir(folder);
}

int main(int argc, char **argv)
{
	struct sched_param param = { .sched_priority = 10 };
	cpu_set_t one;

	/* It stands for who sits at the terminal, and makes processes beside those that compute already. */
	ok(!syscall(SYS_sched_setscheduler, 0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param), "the test itself is not starved");
	/* Elsewhere: all on one processor. */
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof one, &one);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (argc > 1 && atoi(argv[1]) <= LOOPS_MAX)
		loops = atoi(argv[1]);
	/* The loops' session is not the shell's. */
	ok(start_shell(), "a shell on a terminal of its own");
	prompt_answers("nothing");
	busy_loops();
	fork_bomb();
	memory_hog();
	return tap_done();
}
