/* SPDX-License-Identifier: MIT */
/* fork: two processes come back from one call. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "children.h"
#include "tap.h"

static int data = 1;
static _Thread_local int tls = 10;
static int prepared, parent_ran, child_ran;
static void prepare(void) { prepared++; }
static void parent(void) { parent_ran++; }
static void child(void) { child_ran++; }

/* locals of every type live across it, in every frame */
__attribute__((noinline)) static pid_t deep(int depth, pid_t (*how)(void))
{
	char text[32];
	double d = depth * 1.5;
	long long l = depth * 0x100000001LL;
	snprintf(text, sizeof text, "depth %d", depth);
	pid_t pid = depth ? deep(depth - 1, how) : how();
	char expected[32];
	snprintf(expected, sizeof expected, "depth %d", depth);
	if (strcmp(text, expected) || d != depth * 1.5 || l != depth * 0x100000001LL) _exit(98);
	return pid;
}

static pid_t switched(int which)
{
	for (int i = 0; i < 3; i++) {
		switch (which + i) {
		case 4: return fork();
		case 5: return -1;
		}
	}
	return -2;
}

static volatile pid_t handler_pid;
static void fork_in_handler(int sig)
{
	pid_t pid = fork();
	if (pid == 0) _exit(15);
	handler_pid = pid;
}
static sigjmp_buf target;
static void jump(int sig) { siglongjmp(target, 1); }

int main(void)
{
	int local = 5;
	char *heap = strdup("parent");
	pid_t pid = fork();
	if (pid == 0) {
		data = local = tls = 99;
		strcpy(heap, "child");
		_exit(getppid() > 0 && data == 99 && tls == 99 ? 21 : 1);
	}
	ok(pid > 0 && status_of(pid) == 21, "a child gets 0, the parent its pid");
	ok(data == 1 && local == 5 && tls == 10 && !strcmp(heap, "parent"),
	   "a child's writes do not reach its parent's memory");

	pid = fork();
	if (pid == 0) _exit(data == 1 && local == 5 && tls == 10 && !strcmp(heap, "parent") && getpid() != getppid() ? 0 : 1);
	ok(status_of(pid) == 0, "a child has all that its parent had");

	pid = deep(30, fork);
	if (pid == 0) _exit(11);
	ok(status_of(pid) == 11, "it works thirty frames deep, through a pointer");
	pid = switched(4);
	if (pid == 0) _exit(12);
	ok(status_of(pid) == 12 && switched(5) == -1, "and in a switch in a loop");

	pid = fork();
	if (pid == 0) {
		pid = fork();
		if (pid == 0) {
			pid = fork();
			if (pid == 0) _exit(1);
			_exit(status_of(pid) + 1);
		}
		_exit(status_of(pid) + 1);
	}
	ok(status_of(pid) == 3, "children have children");
	int sum = 0;
	for (int i = 0; i < 30; i++) {
		pid = fork();
		if (pid == 0) _exit(i);
		sum += status_of(pid);
	}
	ok(sum == 435, "thirty in a row");
	pid_t pids[10];
	for (int i = 0; i < 10; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			pause();
			_exit(1);
		}
	}
	int killed = 0;
	for (int i = 0; i < 10; i++) kill(pids[i], SIGTERM);
	for (int i = 0; i < 10; i++) killed += status_of(pids[i]) == -SIGTERM;
	ok(killed == 10, "ten at once, killed");

	int fds[2];
	char text[16] = "";
	pipe(fds);
	pid = fork();
	if (pid == 0) {
		write(fds[1], "through a pipe", 15);
		_exit(0);
	}
	read(fds[0], text, sizeof text);
	ok(status_of(pid) == 0 && !strcmp(text, "through a pipe"), "they talk through a pipe");

	jmp_buf env;
	volatile int jumps = 0;
	volatile pid_t forked = -1;
	if (!setjmp(env)) {
		forked = fork();
		jumps++;
		longjmp(env, 1);
	}
	if (forked == 0) _exit(jumps == 1 ? 4 : 1);
	ok(jumps == 1 && status_of(forked) == 4, "both jump out with longjmp afterwards");
	if (!setjmp(env)) {
		pid = deep(3, fork);
		if (pid == 0) longjmp(env, 2);
	} else {
		_exit(jumps == 1 ? 6 : 1);
	}
	ok(status_of(pid) == 6, "also to a frame that was set up before it");

	pthread_atfork(prepare, parent, child);
	pid = fork();
	if (pid == 0) _exit(prepared == 1 && child_ran == 1 && parent_ran == 0 ? 0 : 1);
	ok(status_of(pid) == 0 && prepared == 1 && parent_ran == 1 && child_ran == 0, "pthread_atfork's functions run");
	pid = _Fork();
	if (pid == 0) _exit(prepared == 1 ? 0 : 1);
	ok(status_of(pid) == 0 && prepared == 1, "but not for _Fork");

	signal(SIGUSR1, fork_in_handler);
	raise(SIGUSR1);
	ok(status_of(handler_pid) == 15, "in a signal handler");
	signal(SIGUSR2, jump);
	if (!sigsetjmp(target, 1)) raise(SIGUSR2);
	pid = deep(10, fork);
	if (pid == 0) _exit(13);
	ok(status_of(pid) == 13, "after a jump out of a handler it works again");

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		raise(SIGSTOP);
		_exit(14);
	}
	int status;
	waitpid(pid, &status, WUNTRACED);
	ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "a child stops");
	kill(pid, SIGCONT);
	ok(status_of(pid) == 14, "and goes on");
	return tap_done();
}
