// SPDX-License-Identifier: MIT
/*
 * Memory that the engine may refuse: 30 MiB for a process that has little, a copy of a process that has 12 MiB, a program that
 * begins with 24 MiB. Alone, all is granted. With the argument "refused" the engine refuses all of it (../refusing-engine.test.ts),
 * which is ENOMEM and nothing more; what is less is granted again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "tap.h"

#define MIB (1 << 20)
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static int refused;

/* Is that what the engine lets one have? */
static int as_expected(void *got)
{
	return refused ? got == MAP_FAILED && errno == ENOMEM : got != MAP_FAILED;
}

static int no_error(int error)
{
	return refused ? error == EAGAIN || error == ENOMEM : error == 0;
}

static void *nothing(void *unused)
{
	return unused;
}

static void large(void)
{
	char *end = (char *)syscall(SYS_brk, 0), *p, *small;
	/* The compiler knows malloc. */
	void *(*volatile allocate)(size_t) = malloc;
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	p = (char *)syscall(SYS_brk, end + 30 * MIB);
	ok(refused ? p == end : p == end + 30 * MIB, "brk");
	syscall(SYS_brk, end);
	ok(as_expected(p = mmap(NULL, 30 * MIB, RW, ANON, -1, 0)), "mmap");
	if (p != MAP_FAILED)
		munmap(p, 30 * MIB);
	ok(as_expected(p = mmap(NULL, 30 * MIB, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0)), "mmap of shared memory");
	if (p != MAP_FAILED)
		munmap(p, 30 * MIB);
	small = mmap(NULL, MIB, RW, ANON, -1, 0);
	memset(small, 's', MIB);
	ok(as_expected(p = mremap(small, MIB, 30 * MIB, MREMAP_MAYMOVE)), "mremap");
	if (p != MAP_FAILED)
		small = p;
	ok(small[0] == 's' && small[MIB - 1] == 's', "nothing is lost");
	munmap(small, p == MAP_FAILED ? MIB : 30 * MIB);
	ok(as_expected(p = mmap(end + 30 * MIB, MIB, RW, ANON | MAP_FIXED, -1, 0)), "mmap at a far place");
	if (p != MAP_FAILED)
		munmap(p, MIB);
	p = allocate(30 * MIB);
	ok(refused ? !p : p != NULL, "malloc");
	free(p);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 30 * MIB);
	error = pthread_create(&thread, &attr, nothing, NULL);
	ok(no_error(error), "a thread with so large a stack");
	if (!error)
		pthread_join(thread, NULL);
}

static void copies(void)
{
	char *p = mmap(NULL, 12 * MIB, RW, ANON, -1, 0);
	pid_t child;
	int status;

	ok(p != MAP_FAILED, "less is granted");
	memset(p, 'c', 12 * MIB);
	for (int round = 0; round < 3; round++) {
		errno = 0;
		child = fork();
		if (!child)
			_exit(p[12 * MIB - 1] != 'c');
		ok(refused ? child == -1 && errno == ENOMEM : child > 0 && waitpid(child, &status, 0) == child && status == 0, "fork");
	}
	munmap(p, 12 * MIB);
	child = fork();
	if (!child)
		_exit(3);
	ok(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3, "of a smaller process");
}

extern char **environ;

static void programs(void)
{
	char *argv[] = { "large-program", NULL };
	pid_t child;
	int status, error;

	for (int round = 0; round < 3; round++) {
		error = posix_spawn(&child, "/usr/bin/large-program", NULL, NULL, argv, environ);
		if (!error)
			waitpid(child, &status, 0);
		ok(refused ? error == ENOMEM || (!error && WIFSIGNALED(status)) : !error && status == 0, "a program that begins with much");
	}
	ok(system("true") == 0, "others can be started");
}

int main(int argc, char **argv)
{
	refused = argc > 1 && !strcmp(argv[1], "refused");
	large();
	copies();
	if (argc > 1)
		programs();
	ok(!mprotect(mmap(NULL, MIB, RW, ANON, -1, 0), MIB, PROT_READ), "all goes on");
	return tap_done();
}
