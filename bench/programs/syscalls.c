// SPDX-License-Identifier: MIT
/* One system call, or a pair that belongs together, of one process. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "bench.h"

static int open_or_fail(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd < 0)
		fail(path);
	return fd;
}

static void run_getppid(long n)
{
	timer_start();
	while (n--)
		getppid();
	timer_stop();
}

static void run_stat(long n)
{
	struct stat st;

	timer_start();
	while (n--)
		if (stat(EMPTY_FILE, &st))
			fail("stat");
	timer_stop();
}

static void run_statx(long n)
{
	struct statx st;

	timer_start();
	while (n--)
		if (statx(AT_FDCWD, EMPTY_FILE, 0, STATX_BASIC_STATS, &st))
			fail("statx");
	timer_stop();
}

static void run_open_close(long n)
{
	timer_start();
	while (n--)
		close(open_or_fail(EMPTY_FILE, O_RDONLY));
	timer_stop();
}

static void run_read_zero(long n)
{
	int fd = open_or_fail("/dev/zero", O_RDONLY);
	char byte;

	timer_start();
	while (n--)
		if (read(fd, &byte, 1) != 1)
			fail("read");
	timer_stop();
	close(fd);
}

static void run_write_null(long n)
{
	int fd = open_or_fail("/dev/null", O_WRONLY);
	char byte = 0;

	timer_start();
	while (n--)
		if (write(fd, &byte, 1) != 1)
			fail("write");
	timer_stop();
	close(fd);
}

static void run_clock_gettime(long n)
{
	struct timespec t;

	timer_start();
	while (n--) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		keep(&t);
	}
	timer_stop();
}

static void run_gettimeofday(long n)
{
	struct timeval t;

	timer_start();
	while (n--) {
		gettimeofday(&t, NULL);
		keep(&t);
	}
	timer_stop();
}

static void run_lseek(long n)
{
	int fd = open_or_fail(EMPTY_FILE, O_RDONLY);

	timer_start();
	while (n--)
		if (lseek(fd, 0, SEEK_SET))
			fail("lseek");
	timer_stop();
	close(fd);
}

static void run_mmap(long n)
{
	timer_start();
	while (n--) {
		void *map = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (map == MAP_FAILED || munmap(map, 65536))
			fail("mmap");
	}
	timer_stop();
}

static volatile sig_atomic_t handled;

static void handle(int signal)
{
	handled++;
	(void)signal;
}

static void run_kill(long n)
{
	struct sigaction action = { .sa_handler = handle };
	long before = handled, times = n;

	sigaction(SIGUSR1, &action, NULL);
	timer_start();
	while (n--)
		kill(getpid(), SIGUSR1);
	timer_stop();
	if (handled - before != times)
		fail("kill: a signal was lost");
}

static void run_sigprocmask(long n)
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	timer_start();
	while (n--)
		sigprocmask(n & 1 ? SIG_BLOCK : SIG_UNBLOCK, &set, &old);
	timer_stop();
}

static void run_epoll(long n)
{
	int epoll = epoll_create1(0), event = eventfd(1, 0);
	struct epoll_event wanted = { .events = EPOLLIN }, got;

	if (epoll < 0 || event < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, event, &wanted))
		fail("epoll_ctl");
	timer_start();
	while (n--)
		if (epoll_wait(epoll, &got, 1, -1) != 1)
			fail("epoll_wait");
	timer_stop();
	close(event);
	close(epoll);
}

static void run_poll(long n)
{
	struct pollfd fds[10];

	for (int i = 0; i < 10; i++)
		fds[i] = (struct pollfd){ .fd = eventfd(i == 9, 0), .events = POLLIN };
	timer_start();
	while (n--)
		if (poll(fds, 10, -1) != 1)
			fail("poll");
	timer_stop();
	for (int i = 0; i < 10; i++)
		close(fds[i].fd);
}

const struct row rows[] = {
	{ "getppid", run_getppid },
	{ "statx", run_statx },
	{ "stat", run_stat },
	{ "open + close", run_open_close },
	{ "read 1 B of /dev/zero", run_read_zero },
	{ "write 1 B to /dev/null", run_write_null },
	{ "clock_gettime", run_clock_gettime },
	{ "gettimeofday", run_gettimeofday },
	{ "lseek", run_lseek },
	{ "mmap + munmap of 64 KiB", run_mmap },
	{ "kill self, with handler", run_kill },
	{ "sigprocmask", run_sigprocmask },
	{ "epoll_wait, one ready", run_epoll },
	{ "poll of 10, one ready", run_poll },
	{ NULL, NULL },
};
