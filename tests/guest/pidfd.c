// SPDX-License-Identifier: MIT
/* Descriptors of processes: pidfd_open, poll, waitid(P_PIDFD), pidfd_send_signal, pidfd_getfd, what they are after the end. As root. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#ifndef PIDFD_NONBLOCK
#define PIDFD_NONBLOCK O_NONBLOCK
#endif

static int pidfd_open(pid_t pid, unsigned int flags)
{
	return syscall(SYS_pidfd_open, pid, flags);
}

static int pidfd_kill(int fd, int sig, siginfo_t *info)
{
	return syscall(SYS_pidfd_send_signal, fd, sig, info, 0);
}

static int pidfd_getfd(int fd, int number)
{
	return syscall(SYS_pidfd_getfd, fd, number, 0);
}

static pid_t sleeps(void)
{
	pid_t child = fork();

	while (!child)
		pause();
	return child;
}

static int becomes_readable(int fd, int timeout)
{
	struct pollfd event = { .fd = fd, .events = POLLIN };

	return poll(&event, 1, timeout) == 1 && event.revents & POLLIN;
}

static void ends(void)
{
	siginfo_t info;
	pid_t child = sleeps();
	int fd = pidfd_open(child, 0), wait = pidfd_open(child, PIDFD_NONBLOCK), epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN };

	ok(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC, "pidfd_open(): a descriptor that exec closes");
	ok(!becomes_readable(fd, 0), "not readable while the process lives");
	ok(waitid(P_PIDFD, wait, &info, WEXITED) == -1 && errno == EAGAIN, "PIDFD_NONBLOCK: waitid() does not block");
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	ok(!pidfd_kill(fd, 0, NULL), "pidfd_send_signal() finds the process");
	ok(!pidfd_kill(fd, SIGTERM, NULL) && epoll_wait(epoll, &event, 1, -1) == 1, "and ends it: epoll tells");
	ok(becomes_readable(fd, -1), "poll() too, before anybody has waited");
	ok(!waitid(P_PIDFD, fd, &info, WEXITED) && info.si_pid == child && info.si_status == SIGTERM, "waitid(P_PIDFD) takes it");
	ok(pidfd_kill(fd, 0, NULL) == -1 && errno == ESRCH, "then it is gone");
	ok(waitid(P_PIDFD, fd, &info, WEXITED) == -1 && errno == ECHILD, "and no child");
	ok(becomes_readable(fd, 0), "but the descriptor stays readable");
	ok(pidfd_open(child, 0) == -1 && errno == ESRCH, "there is no new one");
	close(fd);
	close(wait);
	close(epoll);
}

static void signals(void)
{
	int fd = pidfd_open(getpid(), 0);
	siginfo_t info = { 0 }, got;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	info.si_signo = SIGUSR1;
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_value.sival_int = 77;
	ok(!pidfd_kill(fd, SIGUSR1, &info) && sigwaitinfo(&mask, &got) == SIGUSR1 && got.si_value.sival_int == 77, "with a siginfo of one's own");
	ok(pidfd_kill(fd, SIGUSR2, &info) == -1 && errno == EINVAL, "which must be the signal's");
	ok(pidfd_kill(0, SIGUSR1, NULL) == -1 && errno == EBADF, "only descriptors of processes");
	ok(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0x80000000u) == -1 && errno == EINVAL, "no unknown flags");
	int folder = open("/proc/self", O_RDONLY | O_DIRECTORY);
	ok(!pidfd_kill(folder, SIGUSR1, NULL) && sigwaitinfo(&mask, NULL) == SIGUSR1, "a folder of /proc is one, too");
	close(folder);
	close(fd);
}

static void descriptors(void)
{
	int pipes[2], ready[2];
	char text[8] = "";

	pipe(ready);
	pid_t child = fork();
	if (!child) {
		pipe(pipes);
		dup2(pipes[0], 200);
		write(pipes[1], "inside", 6);
		write(ready[1], "x", 1);
		for (;;)
			pause();
	}
	read(ready[0], text, 1);
	int fd = pidfd_open(child, 0), copy = pidfd_getfd(fd, 200);
	ok(copy >= 0 && read(copy, text, 6) == 6 && !memcmp(text, "inside", 6), "pidfd_getfd() takes a copy of a descriptor");
	ok(fcntl(copy, F_GETFD) == FD_CLOEXEC, "closed by exec");
	ok(pidfd_getfd(fd, 201) == -1 && errno == EBADF, "if there is one");
	pid_t stranger = fork();
	if (!stranger)
		_exit(setgid(1000) || setuid(1000) || pidfd_getfd(fd, 200) != -1 || errno != EPERM || pidfd_kill(fd, SIGKILL, NULL) != -1 || errno != EPERM);
	int status;
	ok(waitpid(stranger, &status, 0) == stranger && status == 0, "another user may do neither");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ok(pidfd_getfd(fd, 200) == -1 && errno == ESRCH, "nobody when the process has ended");
}

static void errors(void)
{
	ok(pidfd_open(0, 0) == -1 && errno == EINVAL, "no process 0");
	ok(pidfd_open(-1, 0) == -1 && errno == EINVAL, "no groups");
	ok(pidfd_open(getpid(), 0x40000000) == -1 && errno == EINVAL, "no unknown flags of pidfd_open()");
	siginfo_t info;
	ok(waitid(P_PIDFD, 0, &info, WEXITED) == -1 && errno == EBADF, "P_PIDFD wants a pidfd");
}

int main(void)
{
	ends();
	signals();
	descriptors();
	errors();
	return tap_done();
}
