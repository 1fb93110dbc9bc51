// SPDX-License-Identifier: MIT
/*
 * Parents and children: every form of wait, what it tells and for whom; zombies, orphans, subreapers, the parent's death
 * signal, groups and sessions, exit_group. As root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

static pid_t exits(int status)
{
	pid_t child = fork();

	if (!child)
		_exit(status);
	return child;
}

static pid_t sleeps(void)
{
	pid_t child = fork();

	while (!child)
		pause();
	return child;
}

static char state_of(pid_t pid)
{
	char path[32], text[512] = "";

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY);
	read(fd, text, sizeof(text) - 1);
	close(fd);
	char *at = strrchr(text, ')');
	return at ? at[2] : 0;
}

static void forms(void)
{
	struct rusage usage;
	siginfo_t info;
	int status;
	pid_t child = exits(3);

	ok(wait4(child, &status, 0, &usage) == child && WIFEXITED(status) && WEXITSTATUS(status) == 3, "wait4() tells of an exit");
	ok(usage.ru_utime.tv_sec >= 0 && usage.ru_maxrss > 0, "and of what was used");
	child = exits(4);
	memset(&info, 0, sizeof(info));
	ok(!waitid(P_PID, child, &info, WEXITED | WNOWAIT) && info.si_pid == child && info.si_status == 4 &&
	   info.si_code == CLD_EXITED && info.si_signo == SIGCHLD && info.si_uid == 0, "waitid() too, and can leave the child");
	ok(state_of(child) == 'Z', "a zombie");
	memset(&usage, 255, sizeof(usage));
	ok(!syscall(SYS_waitid, P_PID, child, &info, WEXITED, &usage) && usage.ru_nswap == 0, "the kernel's waitid() knows what was used");
	ok(waitpid(child, NULL, 0) == -1 && errno == ECHILD, "who was waited for is gone");
	child = sleeps();
	ok(waitpid(child, &status, WNOHANG) == 0, "WNOHANG: nothing yet");
	info.si_pid = 1;
	ok(!waitid(P_PID, child, &info, WEXITED | WNOHANG) && info.si_pid == 0, "the same by waitid()");
	kill(child, SIGSTOP);
	ok(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "WUNTRACED tells of a stop");
	ok(state_of(child) == 'T', "/proc too");
	ok(waitid(P_PID, child, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid == 0, "once");
	kill(child, SIGCONT);
	ok(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status), "WCONTINUED tells that it goes on");
	kill(child, SIGKILL);
	ok(!waitid(P_ALL, 0, &info, WEXITED) && info.si_pid == child && info.si_code == CLD_KILLED && info.si_status == SIGKILL,
	   "a signal's end is one");
	ok(waitid(P_ALL, 0, &info, 0) == -1 && errno == EINVAL, "waitid() wants to know what for");
	ok(wait4(-1, NULL, 0x100, NULL) == -1 && errno == EINVAL, "wait4() knows its options");
	/* libc makes it a waitid() on machines without time32 */
	ok(wait4(0x80000000, NULL, 0, NULL) == -1 && (errno == ESRCH || errno == EINVAL), "and that this is no group");
}

static void groups(void)
{
	int status;
	pid_t first = sleeps(), second = sleeps(), own = getpgrp();

	ok(!setpgid(first, first) && !setpgid(second, first) && getpgid(second) == first, "a group of two children");
	ok(waitpid(0, NULL, WNOHANG) == -1 && errno == ECHILD, "is not the caller's");
	kill(-first, SIGTERM);
	ok(waitpid(-first, &status, 0) > 0 && WTERMSIG(status) == SIGTERM && waitpid(-first, &status, 0) > 0, "killed and waited for as one");
	ok(waitpid(-first, NULL, 0) == -1 && errno == ECHILD && getpgrp() == own, "and then empty");
	pid_t child = fork();
	if (!child) {
		if (setsid() != getpid() || getsid(0) != getpid() || getpgrp() != getpid())
			_exit(1);
		_exit(setsid() == -1 && errno == EPERM && setpgid(0, 0) == -1 && errno == EPERM ? 0 : 2);
	}
	ok(waitpid(child, &status, 0) == child && status == 0, "setsid() makes session and group, once");
	child = sleeps();
	ok(setpgid(child, 1 << 22) == -1 && errno == EPERM, "no group out of nothing");
	ok(setpgid(getppid(), 0) == -1 && errno == ESRCH, "nor of somebody else's process");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* The grandchild writes who its parent is, after its first parent's end. */
static pid_t orphan_parent(void)
{
	int answer[2], gone[2];
	pid_t parent = 0;

	pipe(answer);
	pipe(gone);
	pid_t child = fork();
	if (!child) {
		if (!fork()) {
			char byte;

			close(gone[1]);
			read(gone[0], &byte, 1);
			parent = getppid();
			write(answer[1], &parent, sizeof(parent));
		}
		_exit(0);
	}
	waitpid(child, NULL, 0);
	close(gone[1]);
	close(gone[0]);
	read(answer[0], &parent, sizeof(parent));
	close(answer[0]);
	close(answer[1]);
	return parent;
}

static volatile sig_atomic_t got;
static void note(int sig)
{
	got = sig;
}

static void orphans(void)
{
	int flag = -1, status, pipes[2];
	char byte;

	ok(orphan_parent() != getpid(), "an orphan gets another parent");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ok(!prctl(PR_GET_CHILD_SUBREAPER, &flag) && flag == 1, "a subreaper is told so");
	ok(orphan_parent() == getpid(), "and gets the orphans");
	ok(wait(&status) > 0 && status == 0, "to wait for");
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	pipe(pipes);
	pid_t child = fork();
	if (!child) {
		if (!fork()) {
			sigset_t mask;

			sigemptyset(&mask);
			sigaddset(&mask, SIGUSR1);
			sigprocmask(SIG_BLOCK, &mask, NULL);
			prctl(PR_SET_PDEATHSIG, SIGUSR1);
			write(pipes[1], "r", 1);
			flag = sigwaitinfo(&mask, NULL) == SIGUSR1 && !prctl(PR_GET_PDEATHSIG, &flag) && flag == SIGUSR1;
			write(pipes[1], flag ? "y" : "n", 1);
			_exit(0);
		}
		read(pipes[0], &byte, 1);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	ok(read(pipes[0], &byte, 1) == 1 && byte == 'y', "PR_SET_PDEATHSIG: a signal when the parent dies");
	signal(SIGCHLD, SIG_IGN);
	child = exits(1);
	ok(waitpid(child, &status, 0) == -1 && errno == ECHILD, "who ignores SIGCHLD gets no zombies");
	signal(SIGCHLD, note);
	child = exits(0);
	waitpid(child, NULL, 0);
	ok(got == SIGCHLD, "else it is sent");
	signal(SIGCHLD, SIG_DFL);
}

static void *exits_all(void *unused)
{
	(void)unused;
	exit(23);
}

static void *leaves(void *unused)
{
	pthread_exit(unused);
}

static void whole_processes(void)
{
	pthread_t thread;
	int status;
	pid_t child = fork();

	if (!child) {
		pthread_create(&thread, NULL, exits_all, NULL);
		for (;;)
			pause();
	}
	ok(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 23, "exit() in a thread ends the process");
	child = fork();
	if (!child) {
		pthread_create(&thread, NULL, leaves, NULL);
		pthread_join(thread, NULL);
		_exit(6);
	}
	ok(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 6, "a thread's own exit does not");
}

int main(void)
{
	forms();
	groups();
	orphans();
	whole_processes();
	return tap_done();
}
