// SPDX-License-Identifier: MIT
/*
 * Nobody finds what another process had in its memory, wherever he looks: memories are used again, by copies of the program, by
 * new processes of it, and by those of others. Who looks begins at address 0 (natively: at a variable) and ends with the fault
 * behind the last byte.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "tap.h"

#define OTHER "/tmp/other-program"
#define MANY 12
#define FOUND 9
#ifdef __wasm__
#define BEGIN ((uint64_t *)0)
#else
#define BEGIN room
#endif

extern char **environ;

/* Not a word of the program: nobody has it who has not made it. */
static uint64_t secret(void)
{
	volatile uint64_t half = 0x5eC4e7A11;

	return half * half * 0x10001 + 7;
}

static volatile uint64_t room[8192];

/* Writes it wherever a process can. */
static void fill(size_t bytes)
{
	uint64_t word = secret(), *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t stack[4096];
	volatile uint64_t *end = (uint64_t *)syscall(SYS_brk, 0);

	for (size_t i = 0; i < bytes / 8; i++)
		p[i] = word;
	for (size_t i = 0; i < sizeof(room) / 8; i++)
		room[i] = word;
	for (size_t i = 0; i < 4096; i++)
		((volatile uint64_t *)stack)[i] = word;
	if ((uintptr_t)syscall(SYS_brk, (char *)end + 65536) == (uintptr_t)end + 65536)
		for (size_t i = 0; i < 8192; i++)
			end[i] = word;
	/* What was unmapped is in memory still. */
	munmap(p, bytes);
}

/* Dies of SIGSEGV when it has looked at everything. */
static void look(void)
{
	uint64_t word = secret();

	for (volatile uint64_t *p = BEGIN;; p++)
		if (*p == word)
			_exit(FOUND);
}

static pid_t run(const char *program, const char *what, const char *bytes)
{
	char *argv[] = { "wiped", (char *)what, (char *)bytes, NULL };
	pid_t pid;

	return posix_spawn(&pid, program, NULL, NULL, argv, environ) ? -1 : pid;
}

static int status_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status;
}

static int finds_nothing(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

/* So many at once, all of them there before the first ends. */
static void many(const char *program, const char *what, const char *bytes, int *statuses)
{
	pid_t pids[MANY];

	for (int i = 0; i < MANY; i++)
		pids[i] = run(program, what, bytes);
	for (int i = 0; i < MANY; i++)
		waitid(P_PID, pids[i], &(siginfo_t){ 0 }, WSTOPPED | WEXITED | WNOWAIT);
	for (int i = 0; i < MANY; i++)
		kill(pids[i], SIGCONT);
	for (int i = 0; i < MANY; i++)
		statuses[i] = status_of(pids[i]);
}

static int copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY), out = open(to, O_CREAT | O_WRONLY | O_TRUNC, 0755);
	static char block[65536];
	ssize_t n;

	while ((n = read(in, block, sizeof(block))) > 0)
		write(out, block, n);
	close(in);
	return close(out);
}

int main(int argc, char **argv)
{
	static const char *const sizes[] = { "100000", "1000000", "3000000", "6000000" };
	int statuses[MANY], clean, filled;
	char text[96];
	pid_t pid;

	if (argc > 2 && !strcmp(argv[1], "fill")) {
		fill(atol(argv[2]));
		raise(SIGSTOP);
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "look"))
		look();
	pid = fork();
	if (!pid) {
		room[7] = secret();
		look();
	}
	ok(WEXITSTATUS(status_of(pid)) == FOUND, "who has it finds it");
	copy("/proc/self/exe", OTHER);
	for (int i = 0; i < 4; i++) {
		many("/proc/self/exe", "fill", sizes[i], statuses);
		filled = clean = 1;
		for (int j = 0; j < MANY; j++)
			filled &= statuses[j] == 0;
		for (int j = 0; j < 3; j++) {
			pid = fork();
			if (!pid)
				look();
			clean &= finds_nothing(status_of(pid));
		}
		snprintf(text, sizeof(text), "after processes with %s bytes: copies find nothing", sizes[i]);
		ok(filled && clean, text);
		for (int j = 0; j < 3; j++)
			clean &= finds_nothing(status_of(run("/proc/self/exe", "look", NULL)));
		ok(clean, "nor do new processes");
		many(OTHER, "look", NULL, statuses);
		for (int j = 0; j < MANY; j++)
			clean &= finds_nothing(statuses[j]);
		ok(clean, "nor other programs");
	}
	unlink(OTHER);
	return tap_done();
}
