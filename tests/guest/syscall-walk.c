// SPDX-License-Identifier: MIT
/*
 * Walks the whole table of system calls, and numbers beyond it, with nasty arguments (nasty.h), as root and as an ordinary user:
 * no call may hurt anything but its process. Arguments: seed, batches for each number.
 *
 * No number is left out. What would end or hang the walk is contained instead: each batch of calls runs in a child that is killed
 * when it does not come to its end (exit, pause, a blocked signal), a timer interrupts calls that wait, and every few numbers
 * have namespaces of their own, so that kill(-1), ptrace of pid 1, mounts and host names stay inside. reboot wants magic numbers,
 * which the list of values does not have; vhangup meets a session without a terminal.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "nasty.h"
#include "tap.h"

/* The last number of the table is below 470. */
#define NUMBERS 512
#define NUMBERS_AT_ONCE 16
#define CALLS_IN_BATCH 16
#define FOLDER "/tmp/walk"

static uint32_t seed = 1, batches = 2;

/* Waits for the child, and kills it when it takes too long: it has got itself stuck. */
static void await(pid_t child, int milliseconds)
{
	int pidfd = syscall(SYS_pidfd_open, child, 0);
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };

	if (poll(&poll_fd, 1, milliseconds) != 1)
		kill(child, SIGKILL);
	close(pidfd);
	waitpid(child, NULL, __WALL);
}

static void batch(uint32_t number, uint32_t which)
{
	struct rlimit files = { 1 << 20, 1 << 20 };

	nasty_seed(seed + number * 1000 + which);
	setrlimit(RLIMIT_FSIZE, &files);
	nasty_prepare();
	for (int i = 0; i < CALLS_IN_BATCH; i++)
		nasty_call(number);
	_exit(0);
}

/* Pid 1 of its namespace. */
static void walk(uint32_t first, uid_t user)
{
	setsid();
	mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	mount("walk", FOLDER, "tmpfs", 0, "size=1m,mode=0777");
	chdir(FOLDER);
	if (user && (setgid(user) || setuid(user)))
		_exit(1);
	for (uint32_t number = first; number < first + NUMBERS_AT_ONCE; number++) {
		for (uint32_t i = 0; i < batches; i++) {
			pid_t child = fork();

			if (!child)
				batch(number, i);
			await(child, 300);
		}
	}
	_exit(0);
}

static void walk_in_namespaces(uint32_t first, uid_t user)
{
	pid_t outer = fork(), inner;

	if (!outer) {
		/* What is left when pid 1 has hurt itself goes with it. */
		if (unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS))
			_exit(1);
		inner = fork();
		if (!inner)
			walk(first, user);
		await(inner, 60000);
		_exit(0);
	}
	await(outer, 90000);
}

static int tainted(void)
{
	char text[16] = "";
	int fd = open("/proc/sys/kernel/tainted", O_RDONLY);

	read(fd, text, sizeof(text) - 1);
	close(fd);
	return atoi(text);
}

/* A child with a pattern in its memory, which nobody may touch. */
static uint32_t pattern[65536];

static pid_t begin_sentinel(int go)
{
	pid_t child = fork();
	char c;

	if (child)
		return child;
	for (uint32_t i = 0; i < 65536; i++)
		pattern[i] = i * 2654435761u;
	read(go, &c, 1);
	for (uint32_t i = 0; i < 65536; i++)
		if (pattern[i] != i * 2654435761u)
			_exit(1);
	_exit(0);
}

int main(int argc, char **argv)
{
	int go[2], status = -1;
	pid_t sentinel;

	if (argc > 1)
		seed = strtoul(argv[1], NULL, 0);
	if (argc > 2)
		batches = strtoul(argv[2], NULL, 0);
	printf("# seed %u, %u calls for each of %u numbers and each of 2 users\n", seed, batches * CALLS_IN_BATCH, NUMBERS);
	mkdir(FOLDER, 0777);
	pipe(go);
	sentinel = begin_sentinel(go[0]);

	for (uint32_t first = 0; first < NUMBERS; first += NUMBERS_AT_ONCE)
		walk_in_namespaces(first, 0);
	ok(!tainted(), "root has made every call with nasty arguments, and the kernel has not warned");
	for (uint32_t first = 0; first < NUMBERS; first += NUMBERS_AT_ONCE)
		walk_in_namespaces(first, 1000);
	ok(!tainted(), "so has an ordinary user");

	write(go[1], "", 1);
	waitpid(sentinel, &status, 0);
	ok(status == 0, "a process that looked on is unchanged");
	ok(system("mount -t tmpfs none /mnt && echo hello | tr a-z A-Z | grep -q HELLO && umount /mnt") == 0,
	   "the shell still works");
	return tap_done();
}
