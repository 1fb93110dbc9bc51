// SPDX-License-Identifier: MIT
/* Clocks and timers: they agree with each other, do not go back, and wake a program up soon after the time is due. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "tap.h"

static int64_t now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* Not before its time. How late is not asserted: the machine may be busy. */
static int slept(int64_t since, int64_t ns)
{
	return now(CLOCK_MONOTONIC) - since >= ns;
}

static volatile int ticks;
static void tick(int signal)
{
	ticks++;
}

int main(void)
{
	struct itimerspec spec = { { 0, 2000000 }, { 0, 5000000 } }, late = { .it_value.tv_sec = 1000 };
	struct timespec resolution, ts = { 0, 1500000 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct epoll_event ready;
	int64_t t = now(CLOCK_MONOTONIC), last = t, back = 0;
	uint64_t expirations = 0, value = 3;
	int fd, poller;
	timer_t timer;

	for (int i = 0; i < 20000; i++) {
		int64_t next = now(CLOCK_MONOTONIC);

		back += next < last;
		last = next;
	}
	ok(!back && last > t, "the monotonic clock does not go back");
	ok(now(CLOCK_REALTIME) > 1700000000LL * 1000000000, "the wall clock is right to the century");
	clock_getres(CLOCK_MONOTONIC, &resolution);
	ok(resolution.tv_sec == 0 && resolution.tv_nsec == 1, "timers have a high resolution");
	t = now(CLOCK_MONOTONIC);
	ok(!nanosleep(&ts, NULL) && slept(t, 1500000), "nanosleep() sleeps long enough");
	t = now(CLOCK_MONOTONIC);
	ok(poll(NULL, 0, 12) == 0 && slept(t, 12000000), "so does poll()");

	fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	poller = epoll_create1(0);
	epoll_ctl(poller, EPOLL_CTL_ADD, fd, &(struct epoll_event) { .events = EPOLLIN, .data.fd = fd });
	timerfd_settime(fd, 0, &late, NULL);
	ok(read(fd, &expirations, 8) == -1 && errno == EAGAIN, "a timer that is not due has nothing to read");
	t = now(CLOCK_MONOTONIC);
	timerfd_settime(fd, 0, &spec, NULL);
	ok(epoll_wait(poller, &ready, 1, -1) == 1 && ready.data.fd == fd && slept(t, 5000000), "epoll waits for a timerfd");
	ok(read(fd, &expirations, 8) == 8 && expirations >= 1, "which counts its expirations");
	close(fd);
	fd = eventfd(0, 0);
	write(fd, &value, 8);
	write(fd, &value, 8);
	ok(read(fd, &value, 8) == 8 && value == 6, "an eventfd adds up");

	signal(SIGUSR1, tick);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &spec, NULL);
	while (ticks < 5)
		pause();
	ok(ticks >= 5, "a POSIX timer ticks");
	timer_delete(timer);
	t = now(CLOCK_PROCESS_CPUTIME_ID);
	for (volatile int i = 0; i < 3000000; i++)
		;
	ok(now(CLOCK_PROCESS_CPUTIME_ID) > t, "work takes CPU time");
	return tap_done();
}
