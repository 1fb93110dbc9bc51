// SPDX-License-Identifier: MIT
/*
 * clone and clone3 that copy the process: libc's with a function, raw ones that return twice, and what their flags share,
 * store and refuse. As root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "children.h"
#include "tap.h"

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif
#define INTO_CGROUP	0x200000000ULL
#define CLEAR_SIGHAND	0x100000000ULL

/* struct clone_args of linux/sched.h, whose header clashes with libc's. */
struct arguments {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

static char stack[65536] __attribute__((aligned(16)));
static volatile int variable = 1;

static pid_t raw_clone(unsigned long flags, int *parent_tid, int *child_tid)
{
#if defined(__x86_64__)
	return syscall(SYS_clone, flags, 0, parent_tid, child_tid, 0);
#else
	return syscall(SYS_clone, flags, 0, parent_tid, 0, child_tid);
#endif
}

static pid_t clone3(struct arguments arguments)
{
	return syscall(SYS_clone3, &arguments, sizeof(arguments));
}

static int child_function(void *argument)
{
	variable = 2;
	return *(int *)argument + (getpid() == syscall(SYS_gettid));
}

static int change_folder(void *unused)
{
	(void)unused;
	return chdir("/proc") || close(100);
}

static void functions(void)
{
	int number = 41;
	pid_t child = clone(child_function, stack + sizeof(stack), SIGCHLD, &number);

	ok(status_of(child) == 42, "clone() runs a function in a copy of the process");
	ok(variable == 1, "whose memory is its own");
	dup2(1, 100);
	child = clone(change_folder, stack + sizeof(stack), CLONE_FS | CLONE_FILES | SIGCHLD, NULL);
	ok(status_of(child) == 0, "with CLONE_FS and CLONE_FILES it works on its parent's");
	char folder[64];
	ok(!strcmp(getcwd(folder, sizeof(folder)), "/proc"), "current folder");
	ok(fcntl(100, F_GETFD) == -1 && errno == EBADF, "and descriptors");
	chdir("/");
	ok(clone(child_function, NULL, SIGCHLD, &number) == -1 && errno == EINVAL, "it wants a stack");
}

static void raw(void)
{
	int parent_tid = 0, child_tid = 0, pidfd = -1, pipes[2];
	char byte;

	pipe2(pipes, O_NONBLOCK);
	pid_t child = raw_clone(SIGCHLD, NULL, NULL);

	if (!child)
		_exit(variable++ + 6);
	ok(status_of(child) == 7 && variable == 1, "syscall(SYS_clone) returns twice");
	child = raw_clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, &parent_tid, &child_tid);
	if (!child)
		_exit(child_tid == syscall(SYS_gettid) ? 0 : 1);
	ok(status_of(child) == 0 && !child_tid, "CLONE_CHILD_SETTID stores the number in the child");
	ok(parent_tid == child, "CLONE_PARENT_SETTID in the parent");
	child = raw_clone(CLONE_PIDFD | SIGCHLD, &pidfd, NULL);
	if (!child)
		_exit(3);
	struct pollfd event = { .fd = pidfd, .events = POLLIN };
	ok(pidfd > 2 && poll(&event, 1, -1) == 1, "CLONE_PIDFD gives a descriptor that is readable when the child has ended");
	ok(fcntl(pidfd, F_GETFD) == FD_CLOEXEC, "and closed by exec");
	close(pidfd);
	ok(status_of(child) == 3, "wait() tells of the end as ever");
	child = raw_clone(CLONE_VFORK | SIGCHLD, NULL, NULL);
	if (!child) {
		for (int i = 0; i < 100; i++)
			sched_yield();
		write(pipes[1], "x", 1);
		_exit(4);
	}
	ok(read(pipes[0], &byte, 1) == 1, "CLONE_VFORK waits for the child's end");
	ok(status_of(child) == 4, "though its memory is its own");
}

static void relations(void)
{
	int pipes[2], answer = 0;

	pipe(pipes);
	pid_t child = raw_clone(SIGCHLD, NULL, NULL);
	if (!child) {
		pid_t sibling = raw_clone(CLONE_PARENT | SIGCHLD, NULL, NULL);

		if (!sibling)
			_exit(9);
		write(pipes[1], &sibling, sizeof(sibling));
		_exit(waitpid(sibling, NULL, 0) == -1 && errno == ECHILD ? 0 : 1);
	}
	read(pipes[0], &answer, sizeof(answer));
	ok(status_of(child) == 0 && status_of(answer) == 9, "CLONE_PARENT makes a sibling");
	child = raw_clone(0, NULL, NULL);
	if (!child)
		_exit(5);
	ok(waitpid(child, NULL, 0) == -1 && errno == ECHILD, "a child without exit signal is not waited for by default");
	ok(status_of(child) == 5, "but with __WALL");
	child = raw_clone(CLONE_NEWPID | CLONE_NEWUTS | SIGCHLD, NULL, NULL);
	if (!child)
		_exit(sethostname("other", 5) ? 1 : getpid() == 1 ? 6 : 2);
	char name[64];
	ok(status_of(child) == 6 && !gethostname(name, sizeof(name)) && strcmp(name, "other"), "namespaces: number 1, a host name of its own");
}

static void errors(void)
{
	static const struct { unsigned long flags; const char *what; } wrong[] = {
		{ CLONE_SIGHAND | SIGCHLD, "CLONE_SIGHAND without CLONE_VM" },
		{ CLONE_THREAD | SIGCHLD, "CLONE_THREAD without CLONE_SIGHAND" },
		{ CLONE_FS | CLONE_NEWNS | SIGCHLD, "CLONE_FS with CLONE_NEWNS" },
		{ CLONE_NEWUSER | CLONE_FS | SIGCHLD, "CLONE_NEWUSER with CLONE_FS" },
		{ CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, "CLONE_PIDFD with CLONE_PARENT_SETTID" },
		{ CLONE_PIDFD | CLONE_DETACHED | SIGCHLD, "CLONE_PIDFD with CLONE_DETACHED" },
	};
	int pidfd;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		pid_t child = raw_clone(wrong[i].flags, &pidfd, NULL);

		if (!child)
			_exit(0);
		ok(child == -1 && errno == EINVAL, wrong[i].what);
	}
}

static void third(void)
{
	int pidfd = -1, parent_tid = 0;
	pid_t wanted = 30000, child = clone3((struct arguments) {
		.flags = CLONE_PIDFD | CLONE_PARENT_SETTID, .exit_signal = SIGUSR1,
		.pidfd = (uintptr_t)&pidfd, .parent_tid = (uintptr_t)&parent_tid,
		.set_tid = (uintptr_t)&wanted, .set_tid_size = 1,
	});

	if (!child)
		_exit(getpid() == 30000 ? 8 : 1);
	ok(child == 30000 && parent_tid == 30000 && pidfd >= 0, "clone3() gives the number that is asked for");
	ok(status_of(child) == 8, "and the child has it");
	close(pidfd);
	signal(SIGUSR2, SIG_IGN);
	child = clone3((struct arguments) { .exit_signal = SIGCHLD, .flags = CLEAR_SIGHAND });
	if (!child) {
		struct sigaction action;

		sigaction(SIGUSR1, NULL, &action);
		int handled = action.sa_handler != SIG_DFL;
		sigaction(SIGUSR2, NULL, &action);
		_exit(handled || action.sa_handler != SIG_IGN);
	}
	ok(status_of(child) == 0, "CLONE_CLEAR_SIGHAND resets handlers, and leaves what is ignored");
	ok(clone3((struct arguments) { .flags = SIGCHLD }) == -1 && errno == EINVAL, "no signal in the flags");
	ok(clone3((struct arguments) { .exit_signal = 1000 }) == -1 && errno == EINVAL, "no such signal");
	ok(clone3((struct arguments) { .exit_signal = SIGCHLD, .stack = (uintptr_t)stack }) == -1 && errno == EINVAL, "no stack without a size");
	pid_t self = 1;
	ok(clone3((struct arguments) { .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&self, .set_tid_size = 1 }) == -1 && errno == EEXIST,
	   "no number that is taken");
	ok(syscall(SYS_clone3, stack, 8) == -1 && errno == EINVAL, "no short arguments");
	uint64_t longer[16] = { [15] = 1 };
	ok(syscall(SYS_clone3, longer, sizeof(longer)) == -1 && errno == E2BIG, "no unknown ones");
}

static void into_group(void)
{
	char text[4096] = "";

	mkdir("/tmp/clone-groups", 0700);
	if (mount("none", "/tmp/clone-groups", "cgroup2", 0, NULL)) {
		ok(1, "no cgroup2 here");
		return;
	}
	mkdir("/tmp/clone-groups/clone-test", 0700);
	int group = open("/tmp/clone-groups/clone-test", O_PATH | O_DIRECTORY);
	pid_t child = clone3((struct arguments) { .flags = INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = group });

	if (!child) {
		int fd = open("/proc/self/cgroup", O_RDONLY);

		read(fd, text, sizeof(text) - 1);
		_exit(!strstr(text, "/clone-test\n"));
	}
	ok(status_of(child) == 0, "CLONE_INTO_CGROUP: the child begins in that group");
	close(group);
	rmdir("/tmp/clone-groups/clone-test");
	umount("/tmp/clone-groups");
	rmdir("/tmp/clone-groups");
}

static void handler(int sig)
{
	variable += sig > 0;
}

int main(void)
{
	functions();
	raw();
	relations();
	errors();
	signal(SIGUSR1, handler);
	third();
	ok(variable == 2, "the exit signal was sent");
	into_group();
	return tap_done();
}
