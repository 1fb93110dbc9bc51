/* SPDX-License-Identifier: MIT */
/* vfork, posix_spawn, system and popen: children without fork. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "children.h"
#include "tap.h"

extern char **environ;

static const char *self;
static volatile int got;
static void count(int sig) { got++; }

/* vfork in a function that returns before the child ends is not allowed, but
 * the parent may be deep in calls */
__attribute__((noinline)) static pid_t deep(int depth, int status)
{
	char frame[64];
	memset(frame, depth, sizeof frame);
	pid_t pid;
	if (depth) pid = deep(depth - 1, status);
	else {
		pid = vfork();
		if (pid == 0) _exit(status);
	}
	if (frame[3] != depth) abort();
	return pid;
}

static pid_t spawn_self(const char *argument)
{
	pid_t pid = -1;
	char *argv[] = { (char *)self, (char *)argument, 0 };
	posix_spawn(&pid, self, 0, 0, argv, environ);
	return pid;
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1 && !strcmp(argv[1], "child")) return 42;
	if (argc > 1 && !strcmp(argv[1], "env")) return strcmp(getenv("FROM") ?: "", "parent") != 0;
	if (argc > 1 && !strcmp(argv[1], "print")) { puts("printed"); return 3; }
	if (argc > 1 && !strcmp(argv[1], "fd")) { char c; return read(9, &c, 1) == 1 ? c : 99; }
	if (argc > 1 && !strcmp(argv[1], "mask")) {
		sigset_t set;
		sigprocmask(SIG_SETMASK, 0, &set);
		return sigismember(&set, SIGUSR1);
	}
	int status;
	pid_t pid;

	volatile int seen = 0;
	pid = vfork();
	if (pid == 0) {
		seen = getpid();
		_exit(7);
	}
	ok(pid > 0 && seen == pid, "a vfork child runs first, in the parent's memory, with a pid of its own");
	status = ended(pid);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 7, "its status is what it gave to _exit");

	pid = vfork();
	if (pid == 0) {
		execl(self, self, "child", (char *)0);
		_exit(127);
	}
	ok(WEXITSTATUS(ended(pid)) == 42, "it executes a program");
	pid = vfork();
	if (pid == 0) {
		execl("/nonexistent", "x", (char *)0);
		_exit(errno);
	}
	ok(WEXITSTATUS(ended(pid)) == ENOENT, "it goes on when that fails");
	pid = vfork();
	if (pid == 0) {
		kill(getpid(), SIGKILL);
		_exit(0);
	}
	status = ended(pid);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "it can be killed");
	ok(WEXITSTATUS(ended(deep(10, 5))) == 5, "it is made from deep in the stack");

	volatile pid_t inner = 0;
	pid = vfork();
	if (pid == 0) {
		inner = vfork();
		if (inner == 0) _exit(3);
		_exit(WEXITSTATUS(ended(inner)) + 1);
	}
	ok(inner > 0 && inner != pid && WEXITSTATUS(ended(pid)) == 4, "a child makes a child in the same way");
	int all = 1;
	for (volatile int i = 0; i < 50; i++) {
		pid = vfork();
		if (pid == 0) _exit(i);
		all &= WEXITSTATUS(ended(pid)) == i;
	}
	ok(all, "fifty in a row");

	signal(SIGCHLD, count);
	pid = vfork();
	if (pid == 0) _exit(0);
	ended(pid);
	ok(got == 1, "SIGCHLD comes for it");
	signal(SIGCHLD, SIG_DFL);

	ok(WEXITSTATUS(ended(spawn_self("child"))) == 42, "posix_spawn starts a program");
	setenv("FROM", "parent", 1);
	ok(WEXITSTATUS(ended(spawn_self("env"))) == 0, "which gets the environment");
	char *nothing[] = { "x", 0 };
	ok(posix_spawn(&pid, "/nonexistent", 0, 0, nothing, environ) == ENOENT, "one that is not there is ENOENT");

	int fds[2];
	pipe(fds);
	write(fds[1], "A", 1);
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[0], 9);
	posix_spawn_file_actions_addclose(&actions, fds[1]);
	char *with_fd[] = { (char *)self, "fd", 0 };
	ok(posix_spawn(&pid, self, &actions, 0, with_fd, environ) == 0 && WEXITSTATUS(ended(pid)) == 'A',
	   "file actions are done in the child");
	posix_spawnattr_t attributes;
	sigset_t set;
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	posix_spawnattr_setsigmask(&attributes, &set);
	char *with_mask[] = { (char *)self, "mask", 0 };
	ok(posix_spawn(&pid, self, 0, &attributes, with_mask, environ) == 0 && WEXITSTATUS(ended(pid)) == 1,
	   "so is the signal mask");

	if (access("/bin/sh", X_OK) == 0) {
		ok(system("exit 6") == 6 << 8, "system runs the shell");
		char command[200], line[50] = "";
		snprintf(command, sizeof command, "%s print", self);
		FILE *stream = popen(command, "r");
		ok(stream && fgets(line, sizeof line, stream) && !strcmp(line, "printed\n"), "popen reads what a program prints");
		ok(pclose(stream) == 3 << 8, "pclose gives its status");
		stream = popen("read line; test \"$line\" = hello", "w");
		fputs("hello\n", stream);
		ok(pclose(stream) == 0, "popen writes to a program");
	} else {
		printf("# there is no /bin/sh: system and popen are not tried\n");
	}
	return tap_done();
}
