// SPDX-License-Identifier: MIT
/*
 * A futex is known by its address space or, in shared memory, by its file: wake-ups reach neither too few nor too many. And a
 * wild address is an error, not the end of the machine. Exit status 0 if so.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"

static long futex(void *address, int operation, int value)
{
	return syscall(SYS_futex, address, operation, value, NULL, NULL, 0);
}

/* Waits until the child sleeps: its state in /proc is S. */
static void until_asleep(pid_t child)
{
	char path[32], text[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/stat", child);
	do {
		int fd = open(path, O_RDONLY);

		sched_yield();
		EXPECT(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
		close(fd);
	} while (strncmp(strchr(text, ')') + 2, "S", 1));
}

static int private_word;

static void private_futexes_of_two_processes(void)
{
	int status;
	pid_t child = fork();

	if (!child)
		_exit(futex(&private_word, FUTEX_WAIT_PRIVATE, 0) ? 1 : 0);
	until_asleep(child);
	/* The same address in another address space. */
	EXPECT(futex(&private_word, FUTEX_WAKE_PRIVATE, 9) == 0);
	EXPECT(futex(&private_word, FUTEX_WAKE, 9) == 0);
	kill(child, SIGKILL);
	EXPECT(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
}

static void shared_futexes_of_one_file(void)
{
	int zero[2048] = { 0 }, status;
	int fd = open("/tmp/futex", O_CREAT | O_RDWR, 0600);
	int *first, *second;
	pid_t child;

	EXPECT(fd >= 0 && write(fd, zero, sizeof(zero)) == sizeof(zero));
	first = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
	second = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096);
	EXPECT(first != MAP_FAILED && second != MAP_FAILED);
	child = fork();
	if (!child)
		_exit(futex(second + 3, FUTEX_WAIT, 0) ? 1 : 0);
	until_asleep(child);
	EXPECT(futex(first + 3, FUTEX_WAKE, 9) == 0);
	/* The same place in the file, at another address. */
	EXPECT(futex(first + 1024 + 3, FUTEX_WAKE, 9) == 1);
	EXPECT(waitpid(child, &status, 0) == child && status == 0);
}

static void wild_addresses(void)
{
	void *wild = (void *)0xfffff000;

	EXPECT(futex(wild, FUTEX_LOCK_PI, 0) == -1 && errno == EFAULT);
	EXPECT(futex(wild, FUTEX_LOCK_PI_PRIVATE, 0) == -1 && errno == EFAULT);
	EXPECT(futex(wild, FUTEX_WAIT, 0) == -1 && errno == EFAULT);
	EXPECT(futex((char *)&private_word + 1, FUTEX_WAIT, 0) == -1 && errno == EINVAL);
}

int main(void)
{
	private_futexes_of_two_processes();
	shared_futexes_of_one_file();
	wild_addresses();
	return 0;
}
