/* SPDX-License-Identifier: MIT */
/* Processes, threads and pipelines by the thousand (../soak/). With a number it
 * makes that many of each, a tenth of it of pipelines, and says on a line of its
 * own where it is: "begin NAME" and "end NAME", after which it waits for a byte of
 * standard input. Without one it makes a few, as a test of itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "tap.h"

extern char **environ;
static char *self[] = { "/proc/self/exe", "exit", 0 };

static int ended_well(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR) return 0;
	return status == 0;
}

static int fork_exec(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		execv(self[0], self);
		_exit(1);
	}
	return pid > 0 && ended_well(pid);
}

static int spawn(void)
{
	pid_t pid;
	return !posix_spawn(&pid, self[0], 0, 0, self, environ) && ended_well(pid);
}

static void *nothing(void *arg) { return arg; }

static int thread(void)
{
	pthread_t t;
	void *result;
	return !pthread_create(&t, 0, nothing, &t) && !pthread_join(t, &result) && result == &t;
}

static int pipeline(void)
{
	pid_t pid;
	char *sh[] = { "sh", "-c", "echo a | cat | grep -q a", 0 };
	return !posix_spawn(&pid, "/bin/sh", 0, 0, sh, environ) && ended_well(pid);
}

static const struct { const char *name; int (*once)(void); int part; } kinds[] = {
	{ "fork+exec+wait", fork_exec, 1 },
	{ "posix_spawn", spawn, 1 },
	{ "threads", thread, 1 },
	{ "pipelines", pipeline, 10 },
};

#define KINDS (sizeof kinds / sizeof *kinds)

static int many(int (*once)(void), int count)
{
	while (count-- > 0)
		if (!once()) return 0;
	return 1;
}

/* and where the kernel is in memory, in kB */
static void say(const char *what, const char *name)
{
	long free = 0, slab = 0, value;
	char line[128], field[32], c;
	FILE *file = fopen("/proc/meminfo", "r");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "%31[^:]: %ld", field, &value) == 2) {
			if (!strcmp(field, "MemFree")) free = value;
			if (!strcmp(field, "Slab")) slab = value;
		}
	fclose(file);
	printf("%s %s %ld %ld\n", what, name, free, slab);
	fflush(stdout);
	if (read(0, &c, 1) != 1) exit(3);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 0;

	if (argc > 1 && !strcmp(argv[1], "exit")) return 0;
	/* afterwards caches are full, and the engine has compiled what it will */
	for (unsigned i = 0; i < KINDS; i++) {
		int worked = many(kinds[i].once, (count ? count / 2 : 20) / kinds[i].part);
		if (!count) ok(worked, kinds[i].name);
		else if (!worked) return 1;
	}
	for (unsigned i = 0; count && i < KINDS; i++) {
		say("begin", kinds[i].name);
		if (!many(kinds[i].once, count / kinds[i].part)) return 1;
		say("end", kinds[i].name);
	}
	return count ? 0 : tap_done();
}
