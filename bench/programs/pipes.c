// SPDX-License-Identifier: MIT
/* What passes between processes: bytes through pipes and sockets, there and back, and as many as possible one way. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

#define BLOCK 65536

static char block[BLOCK];

static void through_one_pipe(long n, size_t size)
{
	int ends[2];

	if (pipe(ends))
		fail("pipe");
	timer_start();
	while (n--)
		if (write(ends[1], block, size) != (ssize_t)size || read(ends[0], block, size) != (ssize_t)size)
			fail("pipe");
	timer_stop();
	close(ends[0]);
	close(ends[1]);
}

static void run_pipe_1(long n)
{
	through_one_pipe(n, 1);
}

static void run_pipe_64(long n)
{
	through_one_pipe(n, 64);
}

/* Where a process reads and writes to speak with the other. */
struct line {
	int in, out;
};

static pid_t fork_or_fail(void)
{
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	return child;
}

static void close_line(struct line line)
{
	close(line.in);
	if (line.out != line.in)
		close(line.out);
}

/* Messages of `size` bytes go there and back n times between this process and a child. */
static void ping_pong(long n, struct line parent, struct line child, size_t size)
{
	pid_t pid = fork_or_fail();

	if (pid == 0) {
		for (long i = 0; i < n; i++)
			if (read(child.in, block, size) != (ssize_t)size || write(child.out, block, size) != (ssize_t)size)
				fail("child");
		_exit(0);
	}
	timer_start();
	while (n--)
		if (write(parent.out, block, size) != (ssize_t)size || read(parent.in, block, size) != (ssize_t)size)
			fail("round trip");
	timer_stop();
	waitpid(pid, NULL, 0);
	close_line(parent);
	close_line(child);
}

/* n blocks go to a child, which says with a byte that it has had the last of them. */
static void one_way(long n, struct line parent, struct line child)
{
	pid_t pid = fork_or_fail();
	char byte;

	if (pid == 0) {
		for (long long rest = (long long)n * BLOCK; rest > 0;) {
			ssize_t count = read(child.in, block, BLOCK);

			if (count <= 0)
				fail("child");
			rest -= count;
		}
		write(child.out, "", 1);
		_exit(0);
	}
	timer_start();
	while (n--)
		for (size_t done = 0; done < BLOCK;) {
			ssize_t count = write(parent.out, block + done, BLOCK - done);

			if (count <= 0)
				fail("write");
			done += count;
		}
	if (read(parent.in, &byte, 1) != 1)
		fail("end");
	timer_stop();
	waitpid(pid, NULL, 0);
	close_line(parent);
	close_line(child);
}

struct lines {
	struct line parent, child;
};

static struct lines two_pipes(void)
{
	int there[2], back[2];

	if (pipe(there) || pipe(back))
		fail("pipe");
	return (struct lines){ { back[0], there[1] }, { there[0], back[1] } };
}

static struct lines sockets(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		fail("socketpair");
	return (struct lines){ { ends[0], ends[0] }, { ends[1], ends[1] } };
}

static struct lines eventfds(void)
{
	int there = eventfd(0, 0), back = eventfd(0, 0);

	if (there < 0 || back < 0)
		fail("eventfd");
	/* An eventfd's value is what its eight bytes say. */
	block[0] = 1;
	return (struct lines){ { back, there }, { dup(there), dup(back) } };
}

static struct lines tcp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof(address);
	int listening = socket(AF_INET, SOCK_STREAM, 0), parent = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (bind(listening, (struct sockaddr *)&address, length) || listen(listening, 1) ||
	    getsockname(listening, (struct sockaddr *)&address, &length) ||
	    connect(parent, (struct sockaddr *)&address, length))
		fail("connect");
	int child = accept(listening, NULL, NULL);

	if (child < 0)
		fail("accept");
	close(listening);
	setsockopt(parent, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(child, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return (struct lines){ { parent, parent }, { child, child } };
}

static void run_pipe_trip(long n)
{
	struct lines lines = two_pipes();

	ping_pong(n, lines.parent, lines.child, 1);
}

static void run_unix_trip(long n)
{
	struct lines lines = sockets();

	ping_pong(n, lines.parent, lines.child, 1);
}

static void run_eventfd_trip(long n)
{
	struct lines lines = eventfds();

	ping_pong(n, lines.parent, lines.child, sizeof(uint64_t));
}

static void run_tcp_trip(long n)
{
	struct lines lines = tcp();

	ping_pong(n, lines.parent, lines.child, 1);
}

static void run_pipe_blocks(long n)
{
	struct lines lines = two_pipes();

	one_way(n, lines.parent, lines.child);
}

static void run_unix_blocks(long n)
{
	struct lines lines = sockets();

	one_way(n, lines.parent, lines.child);
}

static void run_tcp_blocks(long n)
{
	struct lines lines = tcp();

	one_way(n, lines.parent, lines.child);
}

const struct row rows[] = {
	{ "pipe write + read, 1 B", run_pipe_1 },
	{ "pipe write + read, 64 B", run_pipe_64 },
	{ "pipe round trip", run_pipe_trip },
	{ "unix socket round trip", run_unix_trip },
	{ "eventfd round trip", run_eventfd_trip },
	{ "TCP round trip", run_tcp_trip },
	{ "pipe, block of 64 KiB", run_pipe_blocks },
	{ "unix socket, block of 64 KiB", run_unix_blocks },
	{ "TCP, block of 64 KiB", run_tcp_blocks },
	{ NULL, NULL },
};
