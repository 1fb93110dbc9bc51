/* SPDX-License-Identifier: MIT */
/*
 * System calls with nasty arguments: any number, six words drawn from a list of values that have broken kernels before. The same
 * seed gives the same calls. For syscall-walk.c and the fuzzer's driver (tests/hostile).
 */
#ifndef NASTY_H
#define NASTY_H

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define NASTY_PAGE 4096

/* What pointers may point at: words that are nasty themselves (so that structures in them are), and texts. */
static _Alignas(NASTY_PAGE) uint32_t nasty_words[NASTY_PAGE / 4];
static char nasty_name[] = "x", nasty_long_name[6000];
static uint32_t nasty_state;

static uint32_t nasty_random(void)
{
	nasty_state ^= nasty_state << 13;
	nasty_state ^= nasty_state >> 17;
	nasty_state ^= nasty_state << 5;
	return nasty_state;
}

static void nasty_seed(uint32_t seed)
{
	nasty_state = seed * 2654435761u | 1;
}

static uint32_t nasty_value(void)
{
	uint32_t end = __builtin_wasm_memory_size(0) * 65536;
	uint32_t page = (uint32_t)nasty_words;
	const uint32_t values[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
		16, 31, 32, 63, 64, 100, 128, 255, 256, 1024, 4095, 4096, 4097, 65535, 65536, 1 << 20,
		-1, -2, -3, -100 /* AT_FDCWD */, -4095, -4096, -4097, -4098,
		0x7fffffff, 0x80000000, 0x80000001, 0x7ffff000, 0xfffff000, 0xc0000000, 0x40000000,
		end - 4096, end - 8, end - 4, end - 1, end, end + 1, end + 4096,
		page, page, page + 1, page + 2, page + 4, page + 8, page + 512, page + 2048, page + 4092, page + 4095,
		(uint32_t)nasty_name, (uint32_t)nasty_name, (uint32_t)(nasty_name + 1), (uint32_t)nasty_long_name,
		(uint32_t)getpid(), (uint32_t)getppid(),
	};
	uint32_t which = nasty_random() % (sizeof(values) / sizeof(values[0]) + 2);

	return which < sizeof(values) / sizeof(values[0]) ? values[which] : nasty_random();
}

static void nasty_alarm(int signal)
{
}

/* Descriptors 0 to 15 of every kind that one call makes, and a timer that interrupts what would wait for ever. */
static void nasty_prepare(void)
{
	int made[24], count = 0, pair[2];
	struct itimerval often = { { 0, 4000 }, { 0, 4000 } };
	struct sigaction action = { .sa_handler = nasty_alarm };

	made[count++] = open("/dev/zero", O_RDWR);
	made[count++] = open("x", O_CREAT | O_RDWR, 0600);
	made[count++] = open(".", O_RDONLY | O_DIRECTORY);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	made[count++] = pair[0];
	made[count++] = pair[1];
	pipe(pair);
	made[count++] = pair[0];
	made[count++] = pair[1];
	made[count++] = eventfd(1, 0);
	made[count++] = epoll_create1(0);
	made[count++] = timerfd_create(CLOCK_MONOTONIC, 0);
	made[count++] = socket(AF_INET, SOCK_STREAM, 0);
	made[count++] = socket(AF_NETLINK, SOCK_RAW, 0);
	made[count++] = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	made[count++] = inotify_init();
	made[count++] = open("/proc/self/mem", O_RDWR);
	made[count++] = open("/proc/self/ns/uts", O_RDONLY);
	for (int i = 0; i < count; i++)
		made[i] = fcntl(made[i], F_DUPFD, 64);
	for (int i = 0; i < count; i++)
		dup2(made[i], i);
	for (int fd = count; fd < 256; fd++)
		close(fd);
	memset(nasty_long_name, 'a', sizeof(nasty_long_name));
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static void nasty_call(uint32_t number)
{
	uint32_t a[6];

	for (int i = 0; i < 64; i++)
		nasty_words[nasty_random() % (NASTY_PAGE / 4)] = nasty_value();
	for (int i = 0; i < 6; i++)
		a[i] = nasty_value();
	syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#endif
