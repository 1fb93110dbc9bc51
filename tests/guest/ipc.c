// SPDX-License-Identifier: MIT
/* Processes that talk: terminals, sockets, queues; and that a blocked one is woken. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include "children.h"
#include "tap.h"

/* Reads until text appears or the terminal hangs up. */
static int sees(int fd, const char *text)
{
	static char seen[4096];
	size_t n = 0;

	memset(seen, 0, sizeof(seen));
	while (!strstr(seen, text) && n < sizeof(seen) - 1) {
		ssize_t got = read(fd, seen + n, 1);

		if (got <= 0)
			return 0;
		n += got;
	}
	return 1;
}

static volatile int resized;
static void note_resize(int signal)
{
	resized++;
}

static void terminals(void)
{
	struct winsize size = { .ws_row = 30, .ws_col = 90 }, seen = { 0 };
	int terminal;
	pid_t child = forkpty(&terminal, NULL, NULL, &size);
	char line[64];

	if (!child) {
		signal(SIGWINCH, note_resize);
		ioctl(0, TIOCGWINSZ, &seen);
		printf("%d by %d, %s\n", seen.ws_row, seen.ws_col, isatty(0) ? "terminal" : "none");
		fflush(stdout);
		while (!resized)
			pause();
		printf("resized\n");
		fflush(stdout);
		fgets(line, sizeof(line), stdin);
		printf("got %s", line);
		fflush(stdout);
		for (;;)
			pause();
	}
	ok(sees(terminal, "30 by 90, terminal"), "a pseudo-terminal has its size");
	size.ws_row = 31;
	while (!ioctl(terminal, TIOCSWINSZ, &size)) {
		struct pollfd ready = { terminal, POLLIN };

		size.ws_row ^= 1;
		if (poll(&ready, 1, 20) > 0)
			break;
	}
	ok(sees(terminal, "resized"), "SIGWINCH tells of a change");
	write(terminal, "lime\177e\n", 7);
	ok(sees(terminal, "got lime"), "a line is edited");
	write(terminal, "\3", 1);
	ok(status_of(child) == -SIGINT, "Ctrl-C interrupts");
	close(terminal);
}

static void unix_sockets(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/tmp/socket" };
	int pair[2], pipes[2], listener, fd;
	char byte = 'b', control[CMSG_SPACE(sizeof(int))] = "", text[16] = "";
	struct iovec vector = { &byte, 1 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	pid_t child;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	pipe(pipes);
	child = fork();
	if (!child) {
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &pipes[1], sizeof(int));
		_exit(sendmsg(pair[1], &message, 0) == 1 ? 0 : 1);
	}
	close(pipes[1]);
	ok(recvmsg(pair[0], &message, 0) == 1 && status_of(child) == 0, "a message crosses a socket pair");
	memcpy(&fd, CMSG_DATA(head), sizeof(int));
	ok(write(fd, "passed", 6) == 6 && read(pipes[0], text, 6) == 6 && !strcmp(text, "passed"), "with a descriptor that works");

	unlink(address.sun_path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ok(!bind(listener, (void *)&address, sizeof(address)) && !listen(listener, 5), "a socket has a name");
	child = fork();
	if (!child) {
		int s = socket(AF_UNIX, SOCK_STREAM, 0);

		connect(s, (void *)&address, sizeof(address));
		write(s, "hello", 5);
		_exit(read(s, text, 5) == 5 ? 0 : 1);
	}
	fd = accept(listener, NULL, NULL);
	ok(read(fd, text, 5) == 5 && !memcmp(text, "hello", 5) && write(fd, text, 5) == 5 && status_of(child) == 0, "a client talks to a server");
}

static void internet(int family)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);
	int listener = socket(family, SOCK_STREAM, 0), fd;
	static char big[1 << 20];
	size_t total = 0;
	ssize_t n;
	pid_t child;

	if (family == AF_INET)
		memcpy(&address, &four, sizeof(four));
	else
		memcpy(&address, &six, sizeof(six));
	bind(listener, (void *)&address, family == AF_INET ? sizeof(four) : sizeof(six));
	listen(listener, 5);
	getsockname(listener, (void *)&address, &length);
	child = fork();
	if (!child) {
		int s = socket(family, SOCK_STREAM, 0);

		if (connect(s, (void *)&address, length))
			_exit(1);
		for (size_t at = 0; at < sizeof(big); at += n) {
			n = write(s, big + at, sizeof(big) - at);
			if (n <= 0)
				_exit(2);
		}
		_exit(0);
	}
	fd = accept(listener, NULL, NULL);
	while ((n = read(fd, big, sizeof(big))) > 0)
		total += n;
	ok(total == sizeof(big) && status_of(child) == 0,
	   family == AF_INET ? "a megabyte crosses TCP over IPv4" : "and over IPv6");
}

static void loopback_up(void)
{
	struct { char name[16]; short flags; char pad[14]; } request = { "lo", 1 };

	/* SIOCSIFFLAGS */
	ioctl(socket(AF_INET, SOCK_DGRAM, 0), 0x8914, &request);
}

static void queues(void)
{
	struct { long type; char text[8]; } message = { 3, "sysv" };
	struct mq_attr attributes = { .mq_maxmsg = 4, .mq_msgsize = 32 };
	struct sembuf down = { 0, -1, 0 }, up = { 0, 1, 0 };
	int queue = msgget(IPC_PRIVATE, 0600), set = semget(IPC_PRIVATE, 1, 0600);
	mqd_t posix = mq_open("/queue", O_CREAT | O_RDWR, 0600, &attributes);
	char text[32];
	unsigned int priority;
	pid_t child = fork();

	if (!child) {
		msgsnd(queue, &message, 8, 0);
		mq_send(posix, "low", 4, 1);
		mq_send(posix, "high", 5, 9);
		semop(set, &up, 1);
		_exit(0);
	}
	ok(msgrcv(queue, &message, 8, 3, 0) == 8 && !strcmp(message.text, "sysv"), "a System V message arrives");
	ok(!semop(set, &down, 1), "a semaphore wakes its waiter");
	ok(mq_receive(posix, text, 32, &priority) == 5 && priority == 9 && !strcmp(text, "high"), "a POSIX queue sorts by priority");
	status_of(child);
	msgctl(queue, IPC_RMID, NULL);
	semctl(set, 0, IPC_RMID);
	mq_unlink("/queue");
}

int main(void)
{
	loopback_up();
	terminals();
	unix_sockets();
	internet(AF_INET);
	internet(AF_INET6);
	queues();
	return tap_done();
}
