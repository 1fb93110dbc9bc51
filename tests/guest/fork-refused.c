// SPDX-License-Identifier: MIT
/*
 * Forks that fail, early and late, at any depth: the parent goes on as it was, and the kernel keeps nothing of the child and
 * loses nothing of the parent.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "kernel-files.h"
#include "tap.h"

#define GROUP "/sys/fs/cgroup/fork-refused"
#define FORKS 300

/* fork() from so deep, past locals that must be there afterwards. 1: refused with that error. */
__attribute__((noinline)) static int refused_at(int depth, int error)
{
	volatile int before = depth * 3, after;

	if (depth > 0) {
		after = refused_at(depth - 1, error);
		return after && before == depth * 3;
	}
	errno = 0;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return pid == -1 && errno == error;
}

static int all_refused(int error)
{
	int refused = 0;

	for (int i = 0; i < FORKS; i++) {
		/* Of all sizes: who uses freed memory finds another's there. */
		char *volatile block = malloc(1 + i * 37 % 3000);
		memset(block, 0xff, 1);
		refused += refused_at(i % 40, error);
		free(block);
	}
	return refused == FORKS;
}

static int works(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(7);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

/* Before the kernel has copied anything. */
static int too_many_of_a_user(void)
{
	const struct rlimit one = { 1, 1 };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (setgroups(0, NULL) || setgid(1000) || setuid(1000) || setrlimit(RLIMIT_NPROC, &one))
			_exit(2);
		_exit(!all_refused(EAGAIN));
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* When it has copied all. */
static int too_many_of_a_group(void)
{
	int status;
	pid_t pid;

	mkdir(GROUP, 0755);
	if (put("/sys/fs/cgroup/cgroup.subtree_control", "+pids") || put(GROUP "/pids.max", "1"))
		return 0;
	pid = fork();
	if (pid == 0) {
		if (put(GROUP "/cgroup.procs", "0"))
			_exit(2);
		_exit(!all_refused(EAGAIN));
	}
	return waitpid(pid, &status, 0) == pid && status == 0 && !rmdir(GROUP);
}

/* More than an address space may have: as much is asked for again. */
static int too_large(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		long free_kib = field("/proc/meminfo", "MemAvailable:");
		char *volatile block = malloc((size_t)free_kib / 3 * 2 * 1024);

		if (!block || put("/proc/self/oom_score_adj", "-1000"))
			_exit(2);
		for (long at = 0; at < free_kib / 3 * 2 * 1024; at += 4096)
			block[at] = 1;
		_exit(!all_refused(ENOMEM));
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static int log_has(const char *text)
{
	static char log[1 << 18];
	int n = klogctl(3, log, sizeof log - 1);

	log[n > 0 ? n : 0] = 0;
	return strstr(log, text) != NULL;
}

int main(void)
{
	ok(too_many_of_a_user(), "RLIMIT_NPROC: EAGAIN");
	ok(works(), "others fork");
	ok(too_many_of_a_group(), "pids.max: EAGAIN");
	ok(works(), "others fork");
	ok(too_large(), "no memory: ENOMEM");
	ok(works(), "others fork");
	/* What the kernel frees later. */
	for (int i = 0; i < 20; i++)
		works();
	ok(!log_has("refcount_t") && !log_has("WARNING:") && !log_has("BUG"), "the kernel complains of nothing");
	return tap_done();
}
