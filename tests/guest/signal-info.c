// SPDX-License-Identifier: MIT
/* What siginfo_t tells of each kind of signal, to handlers, sigwaitinfo() and signalfd. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include "tap.h"

static volatile int got;
static siginfo_t info;

static void with_info(int signal, siginfo_t *si, void *context)
{
	got++;
	info = *si;
}

static void on(int signal, int flags)
{
	struct sigaction action = { .sa_sigaction = with_info, .sa_flags = SA_SIGINFO | flags };

	sigaction(signal, &action, NULL);
	memset(&info, 0, sizeof(info));
	got = 0;
}

static void block(int how, int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(how, &set, NULL);
}

/* Waits for the handler, which runs nowhere else: the signal is blocked. */
static void await(int signal)
{
	sigset_t set;

	sigprocmask(SIG_SETMASK, NULL, &set);
	sigdelset(&set, signal);
	while (!got)
		sigsuspend(&set);
}

static void from_oneself(void)
{
	union sigval value = { .sival_int = 4711 };

	on(SIGUSR1, 0);
	kill(getpid(), SIGUSR1);
	ok(got == 1 && info.si_signo == SIGUSR1 && info.si_code == SI_USER && info.si_pid == getpid()
	   && info.si_uid == getuid() && !info.si_errno, "kill: SI_USER, who");
	on(SIGUSR1, 0);
	syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
	ok(got == 1 && info.si_code == SI_TKILL && info.si_pid == getpid(), "tgkill: SI_TKILL");
	on(SIGUSR1, 0);
	pthread_kill(pthread_self(), SIGUSR1);
	ok(got == 1 && info.si_code == SI_TKILL, "so is pthread_kill");
	on(SIGUSR1, 0);
	sigqueue(getpid(), SIGUSR1, value);
	ok(got == 1 && info.si_code == SI_QUEUE && info.si_value.sival_int == 4711 && info.si_pid == getpid()
	   && info.si_uid == getuid(), "sigqueue: SI_QUEUE, value");

	siginfo_t own = { .si_code = -42 };
	own.si_value.sival_ptr = &own;
	on(SIGRTMIN + 3, 0);
	ok(!syscall(SYS_rt_sigqueueinfo, getpid(), SIGRTMIN + 3, &own) && info.si_code == -42
	   && info.si_value.sival_ptr == &own, "rt_sigqueueinfo: one's own code");
	on(SIGRTMIN + 3, 0);
	ok(!syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGRTMIN + 3, &own) && info.si_code == -42,
	   "rt_tgsigqueueinfo: to a thread");
	own.si_code = SI_USER;
	pid_t child = fork();
	if (!child) {
		errno = 0;
		_exit(syscall(SYS_rt_sigqueueinfo, getppid(), SIGRTMIN + 3, &own) == -1 && errno == EPERM ? 0 : 1);
	}
	int status;
	waitpid(child, &status, 0);
	ok(!status, "nobody may claim the kernel's codes to others");
	errno = 0;
	ok(kill(0x7ffffff0, 0) == -1 && errno == ESRCH && !kill(getpid(), 0), "signal 0 asks who is there");
	errno = 0;
	ok(kill(getpid(), 65) == -1 && errno == EINVAL && sigqueue(getpid(), -1, value) == -1, "there are 64 signals");
}

/* A child that has been stopped goes on to its end when it is told: the parent sees it continued first. */
static int go_on[2];

static void stop(void)
{
	char c;

	raise(SIGSTOP);
	read(go_on[0], &c, 1);
}

/* A child that has ended in some way; what SIGCHLD said. */
static void child_that(int way, int flags)
{
	on(SIGCHLD, flags);
	pid_t child = fork();
	if (!child) {
		if (way == CLD_KILLED)
			raise(SIGTERM);
		if (way == CLD_CONTINUED)
			stop();
		_exit(3);
	}
	await(SIGCHLD);
	ok(info.si_pid == child && info.si_uid == getuid() && info.si_signo == SIGCHLD, "SIGCHLD: whose");
	if (way == CLD_EXITED)
		ok(info.si_code == CLD_EXITED && info.si_status == 3, "CLD_EXITED, with the status");
	if (way == CLD_KILLED)
		ok(info.si_code == CLD_KILLED && info.si_status == SIGTERM, "CLD_KILLED, with the signal");
	if (way == CLD_CONTINUED) {
		ok(info.si_code == CLD_STOPPED && info.si_status == SIGSTOP, "CLD_STOPPED, with the signal");
		got = 0;
		kill(child, SIGCONT);
		await(SIGCHLD);
		ok(info.si_code == CLD_CONTINUED && info.si_status == SIGCONT, "CLD_CONTINUED");
		got = 0;
		write(go_on[1], "", 1);
		await(SIGCHLD);
		ok(info.si_code == CLD_EXITED, "and then the end");
	}
	siginfo_t waited = { 0 };
	ok(!waitid(P_PID, child, &waited, WEXITED) && waited.si_pid == child && waited.si_signo == SIGCHLD
	   && waited.si_code == info.si_code && waited.si_status == info.si_status, "waitid tells the same");
}

static void of_children(void)
{
	block(SIG_BLOCK, SIGCHLD);
	pipe(go_on);
	child_that(CLD_EXITED, 0);
	child_that(CLD_KILLED, 0);
	child_that(CLD_CONTINUED, 0);

	on(SIGCHLD, SA_NOCLDSTOP);
	pid_t child = fork();
	int status;
	if (!child) {
		stop();
		_exit(0);
	}
	waitpid(child, &status, WUNTRACED);
	sigset_t pending;
	sigpending(&pending);
	ok(WIFSTOPPED(status) && !sigismember(&pending, SIGCHLD), "SA_NOCLDSTOP: no SIGCHLD for a stop");
	kill(child, SIGCONT);
	waitpid(child, &status, WCONTINUED);
	sigpending(&pending);
	ok(WIFCONTINUED(status), "waitpid sees it continued");
	write(go_on[1], "", 1);
	waitpid(child, &status, 0);
	await(SIGCHLD);
	ok(info.si_code == CLD_EXITED, "but one for the end");

	on(SIGCHLD, SA_NOCLDWAIT);
	child = fork();
	if (!child)
		_exit(0);
	errno = 0;
	ok(waitpid(child, &status, 0) == -1 && errno == ECHILD, "SA_NOCLDWAIT: nothing to wait for");
	await(SIGCHLD);
	ok(info.si_code == CLD_EXITED && info.si_pid == child, "SIGCHLD still comes");
	signal(SIGCHLD, SIG_IGN);
	child = fork();
	if (!child)
		_exit(0);
	errno = 0;
	ok(waitpid(child, &status, 0) == -1 && errno == ECHILD, "ignoring SIGCHLD reaps, too");
	signal(SIGCHLD, SIG_DFL);
	block(SIG_UNBLOCK, SIGCHLD);
}

static void of_timers(void)
{
	struct itimerval once = { .it_value.tv_usec = 2000 };
	struct itimerspec soon = { .it_value.tv_nsec = 2000000 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 99 };
	timer_t timer;

	block(SIG_BLOCK, SIGALRM);
	on(SIGALRM, 0);
	setitimer(ITIMER_REAL, &once, NULL);
	await(SIGALRM);
	ok(info.si_code == SI_KERNEL && info.si_pid == 0, "setitimer: SI_KERNEL");
	block(SIG_BLOCK, SIGRTMIN);
	on(SIGRTMIN, 0);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &soon, NULL);
	await(SIGRTMIN);
	ok(info.si_code == SI_TIMER && info.si_value.sival_int == 99 && info.si_overrun == 0, "timer_create: SI_TIMER, value");
	int id = info.si_timerid;
	on(SIGRTMIN, 0);
	timer_settime(timer, 0, &soon, NULL);
	await(SIGRTMIN);
	ok(info.si_timerid == id, "and the same timer each time");
	timer_delete(timer);
	block(SIG_UNBLOCK, SIGALRM);
}

static void of_descriptors(void)
{
	int pair[2], fd;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	block(SIG_BLOCK, SIGRTMIN + 1);
	on(SIGRTMIN + 1, 0);
	fcntl(pair[0], F_SETOWN, getpid());
	fcntl(pair[0], F_SETSIG, SIGRTMIN + 1);
	fcntl(pair[0], F_SETFL, O_ASYNC);
	write(pair[1], "x", 1);
	await(SIGRTMIN + 1);
	ok(info.si_code == POLL_IN && info.si_fd == pair[0] && info.si_band & POLLIN, "F_SETSIG: POLL_IN, which descriptor");
	ok(fcntl(pair[0], F_GETOWN) == getpid() && fcntl(pair[0], F_GETSIG) == SIGRTMIN + 1, "and whose is told");
	fcntl(pair[0], F_SETSIG, 0);
	block(SIG_BLOCK, SIGIO);
	on(SIGIO, 0);
	write(pair[1], "y", 1);
	await(SIGIO);
	/* Without F_SETSIG the kernel does not say which. */
	ok(info.si_signo == SIGIO && info.si_code == SI_KERNEL, "without it: SIGIO, SI_KERNEL");
	fcntl(pair[0], F_SETFL, 0);
	close(pair[1]);

	on(SIGPIPE, 0);
	errno = 0;
	ok(write(pair[0], "z", 1) == -1 && errno == EPIPE && got == 1 && info.si_pid == getpid(), "SIGPIPE and EPIPE");
	on(SIGPIPE, 0);
	ok(send(pair[0], "z", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE && !got, "MSG_NOSIGNAL: only EPIPE");
	close(pair[0]);

	struct rlimit few = { 100, RLIM_INFINITY };
	char name[] = "/tmp/signal-info-XXXXXX";
	fd = mkstemp(name);
	unlink(name);
	setrlimit(RLIMIT_FSIZE, &few);
	on(SIGXFSZ, 0);
	char bytes[200] = "";
	ok(write(fd, bytes, 200) == 100 && !got, "a file grows up to RLIMIT_FSIZE");
	errno = 0;
	ok(write(fd, bytes, 1) == -1 && errno == EFBIG && got == 1, "and then SIGXFSZ and EFBIG");
	few.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &few);
	close(fd);

	pid_t child = fork();
	if (!child) {
		struct rlimit second = { 1, 5 };
		on(SIGXCPU, 0);
		setrlimit(RLIMIT_CPU, &second);
		while (!got)
			getppid();
		_exit(info.si_code == SI_KERNEL ? 0 : 1);
	}
	int status;
	waitpid(child, &status, 0);
	ok(!status, "SIGXCPU when CPU time is up");

	/* Out-of-band data is TCP's. */
	on(SIGURG, 0);
	ok(signal(SIGURG, SIG_DFL) != SIG_ERR && !raise(SIGURG), "SIGURG does nothing by default");
	ok(!raise(SIGWINCH) && !raise(SIGCHLD) && !raise(SIGCONT), "nor do SIGWINCH, SIGCHLD, SIGCONT");

	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 16 };
	mq_unlink("/signal-info");
	mqd_t queue = mq_open("/signal-info", O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (queue != (mqd_t)-1) {
		struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1,
					  .sigev_value.sival_int = 55 };
		on(SIGRTMIN + 1, 0);
		mq_notify(queue, &event);
		mq_send(queue, "hello", 5, 0);
		await(SIGRTMIN + 1);
		ok(info.si_code == SI_MESGQ && info.si_value.sival_int == 55 && info.si_pid == getpid(), "mq_notify: SI_MESGQ");
		mq_close(queue);
		mq_unlink("/signal-info");
	}
}

static void without_handler(void)
{
	struct signalfd_siginfo from_fd;
	struct timespec none = { 0, 0 };
	union sigval value = { .sival_int = 1234 };
	sigset_t set;
	int fd, signal;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN + 2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigqueue(getpid(), SIGRTMIN + 2, value);
	ok(sigwaitinfo(&set, &info) == SIGRTMIN + 2 && info.si_code == SI_QUEUE && info.si_value.sival_int == 1234,
	   "sigwaitinfo tells what a handler would be told");
	kill(getpid(), SIGUSR2);
	ok(!sigwait(&set, &signal) && signal == SIGUSR2, "sigwait");
	errno = 0;
	ok(sigtimedwait(&set, &info, &none) == -1 && errno == EAGAIN, "sigtimedwait without a signal: EAGAIN");
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	errno = 0;
	ok(read(fd, &from_fd, sizeof(from_fd)) == -1 && errno == EAGAIN, "a signalfd is empty");
	kill(getpid(), SIGUSR2);
	sigqueue(getpid(), SIGRTMIN + 2, value);
	struct pollfd ready = { fd, POLLIN };
	ok(poll(&ready, 1, -1) == 1, "poll sees it filled");
	ok(read(fd, &from_fd, sizeof(from_fd)) == sizeof(from_fd) && from_fd.ssi_signo == SIGUSR2
	   && from_fd.ssi_code == SI_USER && from_fd.ssi_pid == (unsigned)getpid(), "ordinary signals first");
	ok(read(fd, &from_fd, sizeof(from_fd)) == sizeof(from_fd) && from_fd.ssi_int == 1234
	   && from_fd.ssi_code == SI_QUEUE, "then real-time ones, with their value");
	close(fd);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int main(void)
{
	from_oneself();
	of_children();
	of_timers();
	of_descriptors();
	without_handler();
	return tap_done();
}
