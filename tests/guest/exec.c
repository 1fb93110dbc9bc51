// SPDX-License-Identifier: MIT
/*
 * exec: what the new program finds, in its memory and in /proc; how vfork and posix_spawn begin it; and what is no program.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "children.h"
#include "tap.h"

extern char **environ;

static ssize_t slurp(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	close(fd);
	if (n >= 0)
		text[n] = 0;
	return n;
}

/* In the new program: 0 if all is as it should be, else the number of what isn't. */
static int look_around(char **argv)
{
	static char text[8192];
	const unsigned char *random = (void *)getauxval(AT_RANDOM);
	int different = 0;
	ssize_t n;

	if (strcmp(argv[2], "") || strcmp(argv[3], "two words") || argv[4])
		return 10;
	if (!environ[0] || strcmp(environ[0], "A=1") || strcmp(getenv("EMPTY"), "") || environ[2])
		return 11;
	if (getauxval(AT_PAGESZ) != 4096 || getauxval(AT_CLKTCK) != 100 || getauxval(AT_SECURE))
		return 12;
	for (int i = 1; i < 16; i++)
		different += random[i] != random[0];
	if (!different)
		return 13;
	if (strcmp((char *)getauxval(AT_EXECFN), "/proc/self/exe"))
		return 14;
	n = slurp("/proc/self/cmdline", text, sizeof(text));
	if (n != 21 || memcmp(text, "name\0look\0\0two words\0", 21))
		return 15;
	n = slurp("/proc/self/environ", text, sizeof(text));
	if (n != 11 || memcmp(text, "A=1\0EMPTY=\0", 11))
		return 16;
	n = slurp("/proc/self/auxv", text, sizeof(text));
	if (n < 16 || n % 8 || !memmem(text, n, (uint32_t[]) { AT_PAGESZ, 4096 }, 8))
		return 17;
	slurp("/proc/self/maps", text, sizeof(text));
	if (!strstr(text, "[stack]") || !strstr(text, "/exec\n"))
		return 18;
	if (slurp("/proc/self/comm", text, sizeof(text)) <= 0 || strcmp(text, "exe\n"))
		return 19;
	return 0;
}

static pid_t vfork_exec(const char *path, char **argv, char **envp)
{
	volatile int error = 0;
	pid_t child = vfork();

	if (!child) {
		execve(path, argv, envp);
		error = errno;
		_exit(127);
	}
	if (error) {
		waitpid(child, NULL, 0);
		errno = error;
		return -1;
	}
	return child;
}

int main(int argc, char **argv)
{
	char *look[] = { "name", "look", "", "two words", NULL };
	char *status[] = { "name", "status", NULL }, *sleeps[] = { "name", "sleep", NULL };
	char *envp[] = { "A=1", "EMPTY=", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	volatile int shared = 1;
	static char text[256];
	int pipes[2], error;
	pid_t child;

	if (argc > 1 && !strcmp(argv[1], "look"))
		return look_around(argv);
	if (argc > 1 && !strcmp(argv[1], "status")) {
		write(1, "spawned", 7);
		return 33;
	}
	if (argc > 1)
		return pause();

	ok(status_of(vfork_exec("/proc/self/exe", look, envp)) == 0, "a program finds its arguments, environment and auxiliary vector");
	child = vfork();
	if (!child) {
		shared = 2;
		_exit(4);
	}
	ok(status_of(child) == 4 && shared == 2, "a vfork child shares its parent's memory");
	child = vfork();
	if (!child) {
		volatile pid_t nested = vfork();

		if (!nested)
			_exit(2);
		_exit(status_of(nested) + 1);
	}
	ok(status_of(child) == 3, "a vfork child may vfork");
	child = vfork();
	if (!child) {
		pid_t nested = fork();

		if (!nested)
			_exit(2);
		_exit(status_of(nested) + 2);
	}
	ok(status_of(child) == 4, "or fork");
	child = vfork();
	if (!child) {
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	ok(status_of(child) == -SIGKILL, "and be killed on its parent's stack");
	child = fork();
	if (!child) {
		if (!vfork())
			__builtin_trap();
		_exit(1);
	}
	ok(status_of(child) == -SIGILL, "a trap on a lent stack takes the parent along");

	ok(vfork_exec("/nowhere", look, envp) == -1 && errno == ENOENT, "what does not exist is not executed");
	error = open("/tmp/bad", O_CREAT | O_WRONLY, 0755);
	write(error, "\0asm\1\0\0\0\1garbage", 16);
	close(error);
	ok(vfork_exec("/tmp/bad", look, envp) == -1 && errno == ENOEXEC, "nor what is no module");
	chmod("/tmp/bad", 0644);
	ok(vfork_exec("/tmp/bad", look, envp) == -1 && errno == EACCES, "nor what may not be executed");

	pipe(pipes);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
	ok(!posix_spawn(&child, "/proc/self/exe", &actions, NULL, status, envp) && status_of(child) == 33 &&
	   read(pipes[0], text, 10) == 7 && !memcmp(text, "spawned", 7), "posix_spawn() redirects");
	ok(posix_spawn(&child, "/nowhere", NULL, NULL, status, envp) == ENOENT, "and tells why it fails");
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	posix_spawn(&child, "/proc/self/exe", NULL, &attributes, sleeps, envp);
	ok(getpgid(child) == child && !kill(child, SIGTERM) && status_of(child) == -SIGTERM, "and sets the process group");
	int good = 0;
	for (int i = 0; i < 100; i++) {
		posix_spawn(&child, "/proc/self/exe", &actions, NULL, status, envp);
		good += status_of(child) == 33 && read(pipes[0], text, 7) == 7;
	}
	ok(good == 100, "a hundred times over");
	good = 0;
	for (int i = 0; i < 100; i++) {
		child = vfork_exec("/proc/self/exe", look, envp);
		good += status_of(child) == 0;
	}
	ok(good == 100, "and so does vfork with exec");
	return tap_done();
}
