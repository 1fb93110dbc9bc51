// SPDX-License-Identifier: MIT
/*
 * ptrace and system calls: stops on the way in and out, what PTRACE_GET_SYSCALL_INFO and the registers say, and a tracer that
 * changes arguments, results and the call itself.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"


#if defined(__wasm__)
struct registers { unsigned long args[6], nr; long ret; unsigned long sp, pc; };
static long *number(struct registers *r) { return (long *)&r->nr; }
static long *argument(struct registers *r, int i) { return (long *)&r->args[i]; }
static long *result(struct registers *r) { return &r->ret; }
static unsigned long stack_pointer(struct registers *r) { return r->sp; }
#elif defined(__x86_64__)
#include <sys/user.h>
struct registers { struct user_regs_struct user; };
static long *number(struct registers *r) { return (long *)&r->user.orig_rax; }
static long *argument(struct registers *r, int i) { return (long *)(i == 0 ? &r->user.rdi : i == 1 ? &r->user.rsi : &r->user.rdx); }
static long *result(struct registers *r) { return (long *)&r->user.rax; }
static unsigned long stack_pointer(struct registers *r) { return r->user.rsp; }
#endif

#ifndef PTRACE_GET_SYSCALL_INFO
#define PTRACE_GET_SYSCALL_INFO 0x420e
#endif

struct information {
	uint8_t op, pad[3];
	uint32_t arch;
	uint64_t ip, sp;
	union {
		struct { uint64_t nr, args[6]; } entry;
		struct { int64_t rval; uint8_t is_error; } exit;
	};
};

static int get(pid_t child, struct registers *registers)
{
	struct iovec area = { registers, sizeof(*registers) };

	return ptrace(PTRACE_GETREGSET, child, (void *)NT_PRSTATUS, &area) || area.iov_len != sizeof(*registers);
}

static int set(pid_t child, struct registers *registers)
{
	struct iovec area = { registers, sizeof(*registers) };

	return ptrace(PTRACE_SETREGSET, child, (void *)NT_PRSTATUS, &area);
}

static int pipes[2];
static char buffer[16];

/* What is traced: each call's number says what the tracer does to it. */
static int traced(void)
{
	int failed = 0;

	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	failed |= syscall(SYS_dup, 12345) != -1 || errno != EBADF;
	failed |= (syscall(SYS_getppid) != 4242) << 1;
	failed |= (syscall(SYS_write, 1000, "wrong", 5) != 5) << 2;
	failed |= (syscall(SYS_getpgid, 0) != -1 || errno != ENOSYS) << 3;
	failed |= (syscall(SYS_getsid, 0) != 77) << 4;
	failed |= (syscall(SYS_getuid) != syscall(SYS_gettid)) << 5;
	failed |= (syscall(SYS_getpriority, 0, 0) != -1 || errno != EILSEQ) << 6;
	return failed;
}

/* To the child's next stop at a call; its registers. False at its end, with the status. */
static int next_stop(pid_t child, struct registers *registers, int *status)
{
	ptrace(PTRACE_SYSCALL, child, 0, 0);
	if (waitpid(child, status, 0) != child || !WIFSTOPPED(*status))
		return 0;
	return WSTOPSIG(*status) != (SIGTRAP | 0x80) || !get(child, registers);
}

static void change_calls(void)
{
	struct registers registers = { 0 };
	struct information information;
	int status, entering = 1, right_information = 1, balanced = 1, with_stack = 1;
	long nr = 0;
	pid_t child = fork();

	if (!child)
		_exit(traced());
	waitpid(child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
	while (next_stop(child, &registers, &status)) {
		memset(&information, 0, sizeof(information));
		long size = ptrace(PTRACE_GET_SYSCALL_INFO, child, (void *)sizeof(information), &information);

		with_stack &= stack_pointer(&registers) != 0 && stack_pointer(&registers) == (unsigned long)information.sp;
		if (entering) {
			nr = *number(&registers);
			right_information &= size > 0 && information.op == 1 && information.entry.nr == (uint64_t)nr &&
					     (nr != SYS_dup || information.entry.args[0] == 12345);
			if (nr == SYS_write) {
				*argument(&registers, 0) = pipes[1];
				*argument(&registers, 1) = (long)buffer;
				set(child, &registers);
			} else if (nr == SYS_getpgid) {
				*number(&registers) = -1;
				set(child, &registers);
			} else if (nr == SYS_getuid) {
				*number(&registers) = SYS_gettid;
				set(child, &registers);
			} else if (nr == SYS_getsid) {
				*number(&registers) = -1;
				*result(&registers) = 77;
				set(child, &registers);
			}
		} else {
			balanced &= information.op == 2;
			right_information &= nr != SYS_dup || (information.exit.is_error && information.exit.rval == -EBADF);
			if (nr == SYS_getppid || nr == SYS_getpriority) {
				*result(&registers) = nr == SYS_getppid ? 4242 : -EILSEQ;
				set(child, &registers);
			} else if (nr == SYS_getsid) {
				*result(&registers) = 77;
				set(child, &registers);
			}
		}
		entering = !entering;
	}
	ok(balanced, "stops on the way in and on the way out take turns");
	ok(right_information, "PTRACE_GET_SYSCALL_INFO tells number, arguments, result");
	ok(with_stack, "and the stack pointer, as the registers do");
	int failed = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
	char text[8] = "";
	ok(!(failed & 1), "a call that is only looked at");
	ok(!(failed & 2), "a result is changed");
	ok(!(failed & 4) && read(pipes[0], text, 5) == 5 && !memcmp(text, "right", 5), "arguments are changed");
	ok(!(failed & 8), "a call is cancelled");
	ok(!(failed & 16), "and given a result");
	ok(!(failed & 32), "a call is made another");
	ok(!(failed & 64), "an error is made up");
}

static void forks_and_vforks(void)
{
	struct registers registers;
	int status, entries = 0, exits = 0, entering = 1, out_of_order = 0;
	long nr = 0, pid = 0;
	pid_t child = fork();

	if (!child) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		pid_t grandchild = fork();
		if (!grandchild)
			_exit(0);
		waitpid(grandchild, NULL, 0);
		grandchild = vfork();
		if (!grandchild)
			_exit(0);
		waitpid(grandchild, NULL, 0);
		_exit(5);
	}
	waitpid(child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
	while (next_stop(child, &registers, &status)) {
		if (WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		if (entering)
			nr = *number(&registers);
		int is_fork = nr == SYS_clone;
#ifdef SYS_fork
		is_fork |= nr == SYS_fork || nr == SYS_vfork;
#endif
		entries += is_fork && entering;
		exits += is_fork && !entering && (pid = *result(&registers)) > 0;
		out_of_order |= is_fork && !entering && pid <= 0;
		entering = !entering;
	}
	ok(entries == 2 && exits == 2 && !out_of_order, "fork and vfork are calls with entry and exit, too");
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 5, "and work under a tracer");
}

static void step(void)
{
#ifdef __wasm__
	int status;
	pid_t child = fork();

	if (!child) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(child, &status, 0);
	ok(ptrace(PTRACE_SINGLESTEP, child, 0, 0) == -1 && errno == EIO, "no engine steps: PTRACE_SINGLESTEP is EIO");
	errno = 0;
	ok(ptrace(PTRACE_PEEKUSER, child, (void *)(6 * sizeof(long)), 0) >= 0 && !errno, "PTRACE_PEEKUSER reads the registers, too");
	ok(ptrace(PTRACE_PEEKUSER, child, (void *)4096, 0) == -1 && errno == EIO, "and nothing else");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
#endif
}

int main(void)
{
	pipe(pipes);
	strcpy(buffer, "right");
	change_calls();
	forks_and_vforks();
	step();
	return tap_done();
}
