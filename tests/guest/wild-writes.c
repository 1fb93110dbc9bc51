// SPDX-License-Identifier: MIT
/*
 * A program writes all over its own memory, its libc's state, stacks, signal frames and fork buffers among it, and goes on: it
 * may fail in any way, but alone. Its parent sees it end and is itself unchanged.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

__attribute__((import_module("env"), import_name("wasmlinux_syscall32")))
int32_t raw_call(uint32_t number, uint32_t *arguments);

/* What is written over memory[from, to): inlined, since the stack may be in it. */
#define DESTROY(from, to, pattern)							\
	do {										\
		for (uintptr_t at_ = (from); at_ < (to); at_ += 4)			\
			*(volatile uint32_t *)at_ = (pattern);				\
	} while (0)

#define MEMORY_END ((uintptr_t)__builtin_wasm_memory_size(0) * 65536)

static volatile uint32_t pattern;

/* Everything, from here on. */
static inline __attribute__((always_inline)) void destroy_all(void)
{
	uint32_t with = pattern;

	DESTROY(0, MEMORY_END, with);
}

static void call_and_exit(void)
{
	uint32_t *arguments = (uint32_t *)1024;

	destroy_all();
	arguments[0] = 3;
	raw_call(SYS_getppid, arguments);
	raw_call(SYS_exit_group, arguments);
}

/*
 * Only with pointers that lead outside the memory: with others libc may follow its lists in circles without a system call, and
 * nothing interrupts that yet.
 */
static void call_libc(void)
{
	pattern = 0xffffffff;
	destroy_all();
	free(malloc(100));
	printf("%d\n", 1);
	exit(0);
}

static void call_fork(void)
{
	destroy_all();
	fork();
	_exit(0);
}

static void call_vfork(void)
{
	destroy_all();
	if (!vfork())
		_exit(0);
	_exit(0);
}

static void call_exec(void)
{
	destroy_all();
	execl("/bin/true", "true", NULL);
	_exit(1);
}

static void just_return(void)
{
	destroy_all();
}

static void *sleeper(void *argument)
{
	for (;;)
		usleep(1000);
}

static void beside_threads(void)
{
	pthread_t id;

	for (int i = 0; i < 3; i++)
		pthread_create(&id, NULL, sleeper, NULL);
	usleep(2000);
	destroy_all();
	for (int i = 0; i < 10; i++)
		raw_call(SYS_sched_yield, (uint32_t *)1024);
	raw_call(SYS_exit_group, (uint32_t *)1024);
}

static void destroying_handler(int signal)
{
	destroy_all();
}

static void in_handler(void)
{
	signal(SIGUSR1, destroying_handler);
	raise(SIGUSR1);
	raise(SIGUSR1);
	_exit(0);
}

static jmp_buf somewhere;

static void long_jump(void)
{
	if (setjmp(somewhere))
		_exit(0);
	destroy_all();
	longjmp(somewhere, 1);
}

/* Its fork buffer exists, and is destroyed between two forks. */
static void fork_again(void)
{
	if (!fork())
		_exit(0);
	destroy_all();
	fork();
	_exit(0);
}

/* The thread pointer and the stack pointer are globals of the module: fork copies what they are. */
static void lose_stack_pointer(void)
{
	uint32_t with = pattern;

	__asm__ volatile("local.get %0\n\tglobal.set __stack_pointer" : : "r"(with));
	fork();
	raw_call(SYS_exit_group, (uint32_t *)1024);
}

static uint32_t canaries[16384];

static int ends(void (*misbehave)(void))
{
	pid_t child = fork();
	struct pollfd poll_fd = { .events = POLLIN };

	if (!child) {
		/* Where root has lost its memory, raise() may well ask init to halt. */
		setuid(1000);
		misbehave();
		_exit(0);
	}
	poll_fd.fd = syscall(SYS_pidfd_open, child, 0);
	/* It may also wait for ever. */
	if (poll(&poll_fd, 1, 1000) != 1)
		kill(child, SIGKILL);
	close(poll_fd.fd);
	return waitpid(child, NULL, 0) == child;
}

int main(void)
{
	static const struct {
		void (*misbehave)(void);
		const char *what;
	} ways[] = {
		{ call_and_exit, "makes system calls and exits" }, { call_libc, "calls its libc" },
		{ call_fork, "forks" }, { call_vfork, "calls vfork" }, { call_exec, "executes another program" },
		{ just_return, "returns" }, { beside_threads, "lets its threads run" },
		{ in_handler, "returns from a handler" }, { long_jump, "jumps" }, { fork_again, "forks again" },
		{ lose_stack_pointer, "has lost its stack pointer" },
	};
	static const uint32_t patterns[] = { 0, 0xffffffff, 0x00010000, 0xdeadbeef, 1 };

	for (unsigned int i = 0; i < 16384; i++)
		canaries[i] = i * 2654435761u;
	for (unsigned int i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		for (unsigned int j = 0; j < sizeof(patterns) / sizeof(patterns[0]); j++) {
			char what[120];
			int whole = 1;

			pattern = patterns[j];
			snprintf(what, sizeof(what), "all memory is %x, and it %s", patterns[j], ways[i].what);
			int ended = ends(ways[i].misbehave);
			for (unsigned int k = 0; k < 16384; k++)
				whole &= canaries[k] == k * 2654435761u;
			ok(ended && whole, what);
		}
	}
	ok(system("echo hello | tr a-z A-Z | grep -q HELLO") == 0, "the shell works");
	return tap_done();
}
