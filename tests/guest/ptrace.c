// SPDX-License-Identifier: MIT
/* ptrace: a tracer stops a program at its system calls and at its signals, reads its memory and lets it go. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

static volatile long secret = 1;

int main(void)
{
	int status, stops = 0, signals = 0;
	long value = 0;
	struct iovec here = { &value, sizeof(value) }, there = { (void *)&secret, sizeof(secret) };
	pid_t child = fork();

	if (!child) {
		secret = 4711;
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		for (int i = 0; i < 10; i++)
			syscall(SYS_getppid);
		raise(SIGUSR1);
		_exit(secret == 4712 ? 8 : 1);
	}
	waitpid(child, &status, 0);
	ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "a traced program stops at a signal");
	errno = 0;
	ok(ptrace(PTRACE_PEEKDATA, child, (void *)&secret, 0) == 4711 && !errno, "its memory is read");
	ok(process_vm_readv(child, &here, 1, &there, 1, 0) == sizeof(value) && value == 4711, "also by process_vm_readv()");
	ok(!ptrace(PTRACE_POKEDATA, child, (void *)&secret, (void *)4712), "and written");
	ok(ptrace(PTRACE_PEEKDATA, child, (void *)0xfffffff0, 0) == -1 && errno == EIO, "but not outside");
	ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
	ptrace(PTRACE_SYSCALL, child, 0, 0);
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			stops++;
		else if (WSTOPSIG(status) == SIGUSR1)
			signals++;
		ptrace(PTRACE_SYSCALL, child, 0, 0);
	}
	ok(stops >= 20 && signals == 1, "it stops on the way into system calls, out of them, and at signals");
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 8, "and what the tracer wrote is there");
	return tap_done();
}
