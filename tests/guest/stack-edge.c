// SPDX-License-Identifier: MIT
/*
 * A program recurses to the edge of its engine stack and makes system calls at every depth: it dies of SIGSEGV, whatever the
 * kernel was doing for it, and the kernel stays whole.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "children.h"
#include "tap.h"

static void file_calls(int depth)
{
	int fd = open("/tmp/edge", O_CREAT | O_RDWR | O_TRUNC, 0600);

	write(fd, &depth, sizeof(depth));
	close(fd);
	unlink("/tmp/edge");
}

static void proc_calls(int depth)
{
	static char text[4096];
	int fd = open("/proc/self/maps", O_RDONLY);

	read(fd, text, sizeof(text));
	close(fd);
}

static void socket_calls(int depth)
{
	int pair[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	write(pair[0], &depth, sizeof(depth));
	close(pair[0]);
	close(pair[1]);
}

static void sleeping_calls(int depth)
{
	poll(NULL, 0, 0);
	nanosleep(&(struct timespec) { 0, 1000 }, NULL);
}

static void failing_exec(int depth)
{
	char *argv[] = { "x", NULL };

	execve("/proc/version", argv, argv);
}

static void handler(int signal)
{
}

static void signal_calls(int depth)
{
	kill(getpid(), SIGUSR1);
}

static void map_calls(int depth)
{
	munmap(mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 65536);
}

static void vfork_calls(int depth)
{
	pid_t child = vfork();

	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
}

static int deeper(void (*calls)(int), int depth, int every)
{
	volatile char frame[16];

	frame[depth % 16] = depth;
	if (depth % every == 0)
		calls(depth);
	return deeper(calls, depth + 1, every) + frame[depth / 3 % 16];
}

/* every: small frames, many depths; the edge is met at each of them in turn. */
static int dies_at_edge(void (*calls)(int), int every)
{
	pid_t child = fork();

	if (!child) {
		signal(SIGUSR1, handler);
		_exit(deeper(calls, 1, every));
	}
	return status_of(child) == -SIGSEGV;
}

int main(void)
{
	static const struct {
		void (*calls)(int);
		const char *what;
	} kinds[] = {
		{ file_calls, "files are made, written and removed" },
		{ proc_calls, "/proc is read" },
		{ socket_calls, "sockets are made" },
		{ sleeping_calls, "it sleeps" },
		{ failing_exec, "exec fails" },
		{ signal_calls, "signals are handled" },
		{ map_calls, "memory is mapped" },
		{ vfork_calls, "it calls vfork" },
	};

	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int died = 0;

		for (int every = 1; every <= 16; every *= 2)
			died += dies_at_edge(kinds[i].calls, every);
		ok(died == 5, kinds[i].what);
	}
	return tap_done();
}
