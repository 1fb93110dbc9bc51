// SPDX-License-Identifier: MIT
/*
 * A program that does not keep to the rules of the system call interface hurts itself only: others run meanwhile, it can be
 * killed, and the kernel stays whole.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

__attribute__((import_module("env"), import_name("wasmlinux_syscall32")))
int32_t raw_call(uint32_t number, uint32_t *arguments);

#define SIGFRAME_FETCH 244

static uint32_t frame[64];

static void bad_arguments(void)
{
	raw_call(SYS_getppid, (uint32_t *)0xfffffff0);
}

static void fetch_nothing(void)
{
	raw_call(SIGFRAME_FETCH, frame);
}

static void fetch_to_nowhere(void)
{
	raw_call(SIGFRAME_FETCH, (uint32_t *)0xfffff000);
}

static void return_from_nothing(void)
{
	uint32_t arguments[6] = { (uint32_t)frame };

	frame[3] = -512;	/* ERESTARTSYS: the kernel's own */
	raw_call(SYS_rt_sigreturn, arguments);
}

static void no_such_call(void)
{
	uint32_t arguments[6] = { 0 };

	raw_call(0xffffffff, arguments);
	raw_call(100000, arguments);
}

static void no_more_processes(void)
{
	fork();
}

static void ignore_handlers(void)
{
	uint32_t arguments[6] = { 0 };

	/* Signals are asked for and their frames never fetched. */
	arguments[0] = getpid();
	arguments[1] = SIGUSR1;
	raw_call(SYS_kill, arguments);
}

static void handler(int signal)
{
}

/* A child that does nothing else is killed; 0 if it could not be. */
static int dies(void (*misbehave)(void))
{
	struct rlimit none = { 1, 1 };
	pid_t child = fork();
	int status;

	if (!child) {
		struct sigaction action = { .sa_handler = handler, .sa_flags = SA_NODEFER };

		sigaction(SIGUSR1, &action, NULL);
		if (misbehave == no_more_processes) {
			setrlimit(RLIMIT_NPROC, &none);
			setuid(1000);
		}
		for (;;)
			misbehave();
	}
	usleep(30000);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return WIFSIGNALED(status);
}

int main(void)
{
	ok(raw_call(SYS_getppid, (uint32_t *)0xfffffff0) == -EFAULT, "arguments outside memory are EFAULT");
	ok(raw_call(SIGFRAME_FETCH, frame) == 0 && frame[0] == 0, "no signal waits when none came");
	ok(dies(bad_arguments), "a loop of calls with bad arguments is killed");
	ok(dies(fetch_nothing), "so is one that fetches frames that are not there");
	ok(dies(fetch_to_nowhere), "or to where no memory is");
	ok(dies(return_from_nothing), "that returns from handlers that never ran");
	ok(dies(no_such_call), "that makes calls which do not exist");
	ok(dies(no_more_processes), "that forks in vain");
	ok(dies(ignore_handlers), "that never fetches its signals");
	return tap_done();
}
