// SPDX-License-Identifier: MIT
/*
 * ptrace's events and ways to attach: fork, vfork, clone, exec, exit; ATTACH, SEIZE, INTERRUPT, LISTEN, DETACH; signals that a
 * tracer sees, changes and swallows; who may trace whom. As root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "children.h"
#include "tap.h"

#ifndef PTRACE_SEIZE
#define PTRACE_SEIZE 0x4206
#define PTRACE_INTERRUPT 0x4207
#define PTRACE_LISTEN 0x4208
#endif

static void *nothing(void *unused)
{
	return unused;
}

/* What is traced: a fork, a vfork, a thread, an exec. */
static void busy(void)
{
	pthread_t thread;
	pid_t child;

	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	child = fork();
	if (!child)
		_exit(1);
	waitpid(child, NULL, 0);
	child = vfork();
	if (!child)
		_exit(2);
	waitpid(child, NULL, 0);
	pthread_create(&thread, NULL, nothing, NULL);
	pthread_join(thread, NULL);
	execl("/proc/self/exe", "x", "done", NULL);
	_exit(99);
}

static void events(void)
{
	int status, seen[8] = { 0 }, new_ones = 0, ended = 0, exit_message = -1, exec_message = 0;
	unsigned long message;
	pid_t child = fork();

	if (!child)
		busy();
	waitpid(child, &status, 0);
	ok(!ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
		   PTRACE_O_TRACEEXIT | PTRACE_O_TRACEVFORKDONE), "options are set");
	ptrace(PTRACE_CONT, child, 0, 0);
	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0)
			break;
		if (!WIFSTOPPED(status)) {
			ended++;
			continue;
		}
		int event = status >> 16;
		int sig = WSTOPSIG(status);
		if (event && event < 8) {
			ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
			seen[event]++;
			if (event <= 3)
				new_ones += (pid_t)message > 0 && (pid_t)message != child;
			if (event == PTRACE_EVENT_EXIT && pid == child)
				exit_message = message;
			if (event == PTRACE_EVENT_EXEC)
				exec_message = message;
		}
		ptrace(PTRACE_CONT, pid, 0, event || sig == SIGSTOP ? 0 : sig);
	}
	ok(seen[PTRACE_EVENT_FORK] == 1, "PTRACE_EVENT_FORK");
	ok(seen[PTRACE_EVENT_VFORK] == 1 && seen[PTRACE_EVENT_VFORK_DONE] == 1, "PTRACE_EVENT_VFORK and VFORK_DONE");
	ok(seen[PTRACE_EVENT_CLONE] == 1, "PTRACE_EVENT_CLONE");
	ok(new_ones == 3, "each with the new one's number");
	ok(seen[PTRACE_EVENT_EXEC] == 1 && exec_message == child, "PTRACE_EVENT_EXEC");
	ok(seen[PTRACE_EVENT_EXIT] == 4 && exit_message == 12 << 8, "PTRACE_EVENT_EXIT, with the status");
	ok(ended == 4, "all of them were traced from their beginning to their end");
}

static volatile sig_atomic_t handled;

static void handler(int sig)
{
	handled = sig;
}

/* A child that is ready to be sent a signal, which is its status. */
static pid_t waiter(void)
{
	int ready[2];
	char byte;

	pipe(ready);
	pid_t child = fork();
	if (!child) {
		sigset_t none, both;

		sigemptyset(&none);
		sigemptyset(&both);
		sigaddset(&both, SIGUSR1);
		sigaddset(&both, SIGUSR2);
		sigprocmask(SIG_BLOCK, &both, NULL);
		signal(SIGUSR1, handler);
		signal(SIGUSR2, handler);
		write(ready[1], "x", 1);
		while (!handled)
			sigsuspend(&none);
		_exit(handled);
	}
	read(ready[0], &byte, 1);
	close(ready[0]);
	close(ready[1]);
	return child;
}

static void attach(void)
{
	int status;
	siginfo_t info;
	pid_t child = waiter();

	ok(!ptrace(PTRACE_ATTACH, child, 0, 0) && waitpid(child, &status, 0) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP,
	   "PTRACE_ATTACH stops");
	ok(ptrace(PTRACE_ATTACH, child, 0, 0) == -1 && errno == EPERM, "once");
	ptrace(PTRACE_CONT, child, 0, 0);
	kill(child, SIGURG);
	ok(waitpid(child, &status, 0) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGURG, "a signal stops it, even an ignored one");
	ok(!ptrace(PTRACE_GETSIGINFO, child, 0, &info) && info.si_pid == getpid() && info.si_signo == SIGURG, "with its siginfo");
	ptrace(PTRACE_CONT, child, 0, 0);
	ok(ptrace(PTRACE_CONT, child, 0, 0) == -1 && errno == ESRCH, "who runs can't be asked");
	kill(child, SIGUSR1);
	waitpid(child, &status, 0);
	ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGUSR1 && !ptrace(PTRACE_DETACH, child, 0, (void *)SIGUSR2), "PTRACE_DETACH with another signal");
	ok(status_of(child) == SIGUSR2, "is what the program gets");
}

static void seize(void)
{
	int status;
	pid_t child = waiter();

	ok(!ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACESYSGOOD) && waitpid(child, &status, WNOHANG) == 0, "PTRACE_SEIZE does not stop");
	ok(!ptrace(PTRACE_INTERRUPT, child, 0, 0) && waitpid(child, &status, 0) == child && status >> 8 == (SIGTRAP | PTRACE_EVENT_STOP << 8),
	   "PTRACE_INTERRUPT does");
	ptrace(PTRACE_CONT, child, 0, 0);
	kill(child, SIGSTOP);
	waitpid(child, &status, 0);
	ok(status >> 8 == SIGSTOP, "a stopping signal is seen first");
	ptrace(PTRACE_CONT, child, 0, (void *)SIGSTOP);
	waitpid(child, &status, 0);
	ok(status >> 8 == (SIGSTOP | PTRACE_EVENT_STOP << 8), "then the stop of the group");
	ok(!ptrace(PTRACE_LISTEN, child, 0, 0), "PTRACE_LISTEN leaves it stopped");
	kill(child, SIGCONT);
	waitpid(child, &status, 0);
	ok(status >> 8 == (SIGTRAP | PTRACE_EVENT_STOP << 8), "and tells when it goes on");
	ptrace(PTRACE_CONT, child, 0, 0);
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status) && WSTOPSIG(status) != SIGCONT)
		ptrace(PTRACE_CONT, child, 0, 0);
	ptrace(PTRACE_CONT, child, 0, 0);
	sigset_t mask;
	memset(&mask, 0, sizeof(mask));
	ptrace(PTRACE_INTERRUPT, child, 0, 0);
	waitpid(child, &status, 0);
	ok(!ptrace(0x420a, child, 8, &mask) && !sigismember(&mask, SIGTERM), "PTRACE_GETSIGMASK");
	ptrace(PTRACE_CONT, child, 0, 0);
	kill(child, SIGKILL);
	ok(status_of(child) == -SIGKILL, "SIGKILL asks no tracer");
}

static void rights(void)
{
	pid_t child = waiter(), tracer = fork();

	if (!tracer) {
		if (setgid(1000) || setuid(1000))
			_exit(1);
		_exit(ptrace(PTRACE_ATTACH, child, 0, 0) == -1 && errno == EPERM ? 0 : 2);
	}
	ok(status_of(tracer) == 0, "a user may not trace root's processes");
	ok(ptrace(PTRACE_ATTACH, getpid(), 0, 0) == -1 && errno == EPERM, "nobody traces itself");
	ok(ptrace(PTRACE_PEEKDATA, child, &child, 0) == -1 && errno == ESRCH, "only the traced are asked");
	tracer = fork();
	if (!tracer) {
		ptrace(PTRACE_SEIZE, child, 0, 0x100000);	/* PTRACE_O_EXITKILL */
		_exit(0);
	}
	status_of(tracer);
	ok(status_of(child) == -SIGKILL, "PTRACE_O_EXITKILL: the tracer's end is the program's");
	child = fork();
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execl("/proc/self/exe", "x", "done", NULL);
	}
	int status;
	waitpid(child, &status, 0);
	ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP, "without options an exec is a SIGTRAP");
	ptrace(PTRACE_CONT, child, 0, 0);
	ok(status_of(child) == 12, "after which it goes on");
	child = fork();
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		__builtin_trap();
	}
	waitpid(child, &status, 0);
	ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGILL, "a trap stops a traced program");
	ptrace(PTRACE_CONT, child, 0, (void *)SIGILL);
	ok(status_of(child) == -SIGILL, "before it dies");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return 12;
	events();
	attach();
	seize();
	rights();
	return tap_done();
}
