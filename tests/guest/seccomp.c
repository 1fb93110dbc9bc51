// SPDX-License-Identifier: MIT
/* Seccomp: a filter's errno, its kill, its trap, and strict mode. Exit status 0 if each does what the manual says. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

/* From now on the system call `number` gets `action`. */
static void filter(int number, unsigned int action)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { 4, program };

	EXPECT(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	EXPECT(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
}

/* The wait status of a child that runs `run`. */
static int in_child(void (*run)(void))
{
	int status;
	pid_t child = fork();

	if (!child) {
		run();
		_exit(0);
	}
	EXPECT(waitpid(child, &status, 0) == child);
	return status;
}

static void with_errno(void)
{
	filter(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV);
	EXPECT(syscall(SYS_getppid) == -1 && errno == EXDEV);
	EXPECT(getpid() > 0);
}

static void with_kill(void)
{
	filter(SYS_getppid, SECCOMP_RET_KILL_PROCESS);
	getppid();
}

static volatile sig_atomic_t trapped;

static void on_sigsys(int signal, siginfo_t *info, void *context)
{
	trapped = info->si_syscall;
}

static void with_trap(void)
{
	struct sigaction action = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };

	EXPECT(!sigaction(SIGSYS, &action, NULL));
	filter(SYS_getppid, SECCOMP_RET_TRAP);
	getppid();
	EXPECT(trapped == SYS_getppid);
}

static void strict(void)
{
	EXPECT(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
	write(1, "", 0);
	getppid();
}

int main(void)
{
	int status;

	EXPECT(in_child(with_errno) == 0);
	status = in_child(with_kill);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	EXPECT(in_child(with_trap) == 0);
	status = in_child(strict);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return 0;
}
