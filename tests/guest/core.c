// SPDX-License-Identifier: MIT
/*
 * Core dumps: when there is one, where core_pattern puts it, and what wait tells. What is in it here: a report as text
 * (docs/abi.md). As root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

static char text[65536];
static volatile int is_asleep;

static void put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	write(fd, value, strlen(value));
	close(fd);
}

static ssize_t slurp(const char *path)
{
	ssize_t n, length = 0;
	int fd = open(path, O_RDONLY);

	text[0] = 0;
	if (fd < 0)
		return -1;
	while ((n = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += n;
	text[length] = 0;
	close(fd);
	return length;
}

static void limit(rlim_t bytes)
{
	struct rlimit limit = { bytes, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &limit);
}

/* Ends by that signal in a child; its status. */
static int dies(int sig)
{
	int status;
	pid_t child = fork();

	if (!child) {
		raise(sig);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return status;
}

static void *sleeps(void *unused)
{
	prctl(PR_SET_NAME, "sleeper");
	is_asleep = 1;
	for (;;)
		pause();
	return unused;
}

static int culprit(int *where)
{
	if (where)
		__builtin_trap();
	return 1;
}

/* Called through pointers: neither the compiler nor the link may inline them. */
static int (*volatile call_culprit)(int *) = culprit;

static int accomplice(int *where)
{
	return call_culprit(where) + 1;
}

static int (*volatile call_accomplice)(int *) = accomplice;

static int traps(void)
{
	int status;
	pid_t child = fork();

	if (!child) {
		pthread_t thread;

		pthread_create(&thread, NULL, sleeps, NULL);
		while (!is_asleep)
			sched_yield();
		_exit(call_accomplice(&status));
	}
	waitpid(child, &status, 0);
	return status;
}

static void files(void)
{
	struct stat file;
	int status;

	limit(0);
	status = dies(SIGABRT);
	ok(WTERMSIG(status) == SIGABRT && !WCOREDUMP(status) && access("core", F_OK), "no core with a limit of 0");
	limit(RLIM_INFINITY);
	status = dies(SIGABRT);
	ok(WTERMSIG(status) == SIGABRT && WCOREDUMP(status), "WCOREDUMP tells that there is one");
	ok(!stat("core", &file) && file.st_size > 0 && (file.st_mode & 0777) == 0600, "in the current folder, for the owner");
	unlink("core");
	status = dies(SIGTERM);
	ok(!WCOREDUMP(status) && access("core", F_OK), "not for SIGTERM");
	ok(WCOREDUMP(dies(SIGQUIT)) && WCOREDUMP(dies(SIGSYS)) && WCOREDUMP(dies(SIGXCPU)), "but for SIGQUIT, SIGSYS, SIGXCPU");
	prctl(PR_SET_DUMPABLE, 0);
	unlink("core");
	status = dies(SIGABRT);
	ok(!WCOREDUMP(status) && access("core", F_OK), "not for who is not dumpable");
	prctl(PR_SET_DUMPABLE, 1);
	status = traps();
	ok(WTERMSIG(status) == SIGILL && WCOREDUMP(status) && slurp("core") > 0, "a trap leaves one, too");
	siginfo_t info;
	pid_t child = fork();
	if (!child)
		abort();
	waitid(P_PID, child, &info, WEXITED);
	ok(info.si_code == CLD_DUMPED && info.si_status == SIGABRT, "waitid() says CLD_DUMPED");
	put("/proc/sys/kernel/core_pattern", "report.%e.%p.%s.%u");
	child = fork();
	if (!child)
		abort();
	waitpid(child, &status, 0);
	char name[64];
	snprintf(name, sizeof(name), "report.core.%d.6.0", child);
	ok(!stat(name, &file), "core_pattern names the file");
	unlink(name);
}

static void pipes(void)
{
	char self[256] = "", pattern[300], want[64];
	int status;

	readlink("/proc/self/exe", self, sizeof(self) - 1);
	snprintf(pattern, sizeof(pattern), "|%s collect %%p %%s %%E", self);
	put("/proc/sys/kernel/core_pattern", pattern);
	put("/proc/sys/kernel/core_pipe_limit", "4");
	limit(0);
	pid_t child = fork();
	if (!child)
		raise(SIGSEGV);
	waitpid(child, &status, 0);
	ok(WTERMSIG(status) == SIGSEGV && WCOREDUMP(status), "core_pattern pipes to a program, whatever the limit");
	snprintf(want, sizeof(want), "%d 11 ", child);
	ok(slurp("/tmp/core-collected") > 0 && !strncmp(text, want, strlen(want)) && strchr(text, '!'), "which gets its arguments");
	ok(atoi(strrchr(text, '\n') ? strrchr(text, '\n') + 1 : "0") > 100, "and all of the core");
	unlink("/tmp/core-collected");
	put("/proc/sys/kernel/core_pattern", "|/nowhere/at/all");
	ok(!WCOREDUMP(dies(SIGSEGV)), "no program, no core");
	put("/proc/sys/kernel/core_pipe_limit", "0");
}

#ifdef __wasm__
static void report(void)
{
	limit(RLIM_INFINITY);
	put("/proc/sys/kernel/core_pattern", "core");
	traps();
	slurp("core");
	ok(!strncmp(text, "wasmlinux core report 1\n", 24) && strstr(text, "signal: 4 (SIGILL)"), "the report: signal");
	ok(strstr(text, "/core\n") && strstr(text, "command: ") && strstr(text, "uid: 0, gid: 0"), "program, command, user");
	const char *first = strstr(text, "unreachable"), *culprit = strstr(text, "  in culprit"), *accomplice = strstr(text, "  in accomplice");
	ok(first && culprit && accomplice && first < culprit && culprit < accomplice, "what the engine says, and the functions");
	const char *other = strstr(text, "(sleeper)");
	ok(other && accomplice < other && strstr(other, "  in sleeps"), "the other thread, and its functions");
	ok(strstr(text, "memory map\n  00000000-"), "the memory map");
	limit(200);
	unlink("core");
	ok(WCOREDUMP(dies(SIGABRT)) && slurp("core") > 0 && slurp("core") <= 200, "no longer than the limit");
	limit(RLIM_INFINITY);
	dies(SIGQUIT);
	slurp("core");
	ok(strstr(text, "signal: 3 (SIGQUIT)") && strstr(text, "sent by: pid ") && strstr(text, "  in raise"), "a signal that was sent: by whom, and where it struck");
}
#endif

/* What core_pattern calls: writes its arguments and how much it read. */
static int collect(char **argv)
{
	FILE *file = fopen("/tmp/core-collected", "w");
	size_t length = 0;
	ssize_t n;

	while ((n = read(0, text, sizeof(text))) > 0)
		length += n;
	fprintf(file, "%s %s %s\n%zu", argv[2], argv[3], argv[4], length);
	return fclose(file);
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/core-XXXXXX";

	if (argc > 1)
		return collect(argv);
	chdir(mkdtemp(folder));
	put("/proc/sys/kernel/core_pattern", "core");
	put("/proc/sys/kernel/core_uses_pid", "0");
	files();
	pipes();
#ifdef __wasm__
	report();
#endif
	put("/proc/sys/kernel/core_pattern", "core");
	limit(0);
	return tap_done();
}
