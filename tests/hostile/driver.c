// SPDX-License-Identifier: MIT
/*
 * Runs hostile inputs one after the other inside one machine and says how each ended. tests/hostile/driver.ts, which feeds it,
 * has the protocol: on standard input records { u32 kind, u32 length, bytes }, on standard output one line a record. Of kind
 * CALLS the bytes are a seed and a count.
 *
 * Inputs run as an ordinary user, in a folder and process group of their own; whatever does not end by itself is killed. A
 * sentinel, a process with a pattern in its memory, must find it unchanged after each input, and a child of the driver's must
 * still run a program: the words "sentinel" and "shell" in a line are findings.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../guest/nasty.h"

enum { MODULE = 0, MODULE_TO_KILL = 1, CALLS = 2 };

#define FOLDER "/tmp/hostile"
#define USER 1000
/* System calls have numbers below this. */
#define NUMBERS 480
/* A program that sleeps or makes calls for ever is killed after this. */
#define PATIENCE_MS 60000

#define SENTINEL_WORDS 65536
static uint32_t pattern[SENTINEL_WORDS];
static int ask[2], answer[2];

static void sentinel(void)
{
	char c;

	for (uint32_t i = 0; i < SENTINEL_WORDS; i++)
		pattern[i] = i * 2654435761u;
	while (read(ask[0], &c, 1) == 1) {
		c = 'y';
		for (uint32_t i = 0; i < SENTINEL_WORDS; i++)
			if (pattern[i] != i * 2654435761u)
				c = 'n';
		write(answer[1], &c, 1);
	}
	_exit(0);
}

static int is_sentinel_whole(void)
{
	char c = 'a';

	return write(ask[1], &c, 1) == 1 && read(answer[0], &c, 1) == 1 && c == 'y';
}

/* The next command works. */
static int runs_a_program(void)
{
	pid_t child = vfork();
	int status;

	if (!child) {
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static int read_all(void *to, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = read(0, (char *)to + done, n - done);
		if (got <= 0)
			return 0;
		done += got;
	}
	return 1;
}

static int write_file(const void *bytes, size_t n)
{
	int fd = open(FOLDER "/x", O_CREAT | O_TRUNC | O_WRONLY, 0755);
	int whole = fd >= 0 && write(fd, bytes, n) == (ssize_t)n;

	close(fd);
	return whole;
}

static void become_user(void)
{
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	for (int fd = 3; fd < 32; fd++)
		if (fcntl(fd, F_GETFD) >= 0 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
			close(fd);
	setgid(USER);
	setuid(USER);
	chdir(FOLDER);
}

/* Waits for the child's end, and for the ends of what it has left behind. */
static int reap(pid_t child, int patience)
{
	int status = 0, pidfd = syscall(SYS_pidfd_open, child, 0);
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };

	if (poll(&poll_fd, 1, patience) != 1)
		kill(child, SIGKILL);
	close(pidfd);
	kill(-child, SIGKILL);
	waitpid(child, &status, 0);
	/* Whatever changed its group, too, is this user's. */
	pid_t killer = fork();
	if (!killer) {
		setuid(USER);
		kill(-1, SIGKILL);
		_exit(0);
	}
	waitpid(killer, NULL, 0);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return status;
}

static void say(const char *what, int number)
{
	printf("%s %d%s%s\n", what, number, is_sentinel_whole() ? "" : " sentinel", runs_a_program() ? "" : " shell");
	fflush(stdout);
}

static void say_status(int status)
{
	if (WIFSIGNALED(status))
		say("signal", WTERMSIG(status));
	else
		say("status", WEXITSTATUS(status));
}

static void run_module(const void *bytes, size_t n, int patience)
{
	int error = 0, failed[2], status;
	char *argv[] = { "x", "argument", NULL }, *envp[] = { "A=1", NULL };

	unlink(FOLDER "/x");
	if (!write_file(bytes, n)) {
		say("file", errno);
		return;
	}
	pipe2(failed, O_CLOEXEC);
	pid_t child = fork();
	if (!child) {
		become_user();
		execve(FOLDER "/x", argv, envp);
		error = errno;
		write(failed[1], &error, sizeof(error));
		_exit(0);
	}
	close(failed[1]);
	status = reap(child, patience);
	if (read(failed[0], &error, sizeof(error)) != sizeof(error))
		error = 0;
	close(failed[0]);
	if (error)
		say("errno", error);
	else
		say_status(status);
}

static void run_calls(const uint32_t *words)
{
	pid_t child = fork();

	if (!child) {
		struct rlimit files = { 1 << 20, 1 << 20 };

		become_user();
		setrlimit(RLIMIT_FSIZE, &files);
		nasty_seed(words[0]);
		nasty_prepare();
		for (uint32_t i = 0; i < words[1]; i++)
			nasty_call(nasty_random() % NUMBERS);
		_exit(0);
	}
	say_status(reap(child, PATIENCE_MS));
}

int main(void)
{
	struct {
		uint32_t kind, length;
	} head;

	/* Children that lost their parents are still this process's to reap. */
	syscall(SYS_prctl, 36 /* PR_SET_CHILD_SUBREAPER */, 1, 0, 0, 0, 0);
	mkdir(FOLDER, 0777);
	mount("hostile", FOLDER, "tmpfs", 0, "size=24m,mode=0777");
	pipe2(ask, O_CLOEXEC);
	pipe2(answer, O_CLOEXEC);
	pid_t guard = fork();
	if (!guard)
		sentinel();
	while (read_all(&head, sizeof(head))) {
		void *bytes = malloc(head.length + 1);

		if (!bytes || !read_all(bytes, head.length))
			return 1;
		if (head.kind == CALLS)
			run_calls(bytes);
		else
			run_module(bytes, head.length, head.kind == MODULE_TO_KILL ? 50 : PATIENCE_MS);
		free(bytes);
	}
	return 0;
}
