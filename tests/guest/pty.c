// SPDX-License-Identifier: MIT
/* openpty, login_tty, forkpty and daemon: sessions, controlling terminals, what a hang-up does. As root. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>
#include "children.h"
#include "tap.h"

/* Reads until text has come; true if it has. */
static int comes(int fd, const char *text)
{
	static char seen[4096];
	size_t length = 0;
	ssize_t n;

	while ((n = read(fd, seen + length, sizeof(seen) - 1 - length)) > 0) {
		seen[length += n] = 0;
		if (strstr(seen, text))
			return 1;
	}
	return 0;
}

static void pairs(void)
{
	struct winsize size = { .ws_row = 33, .ws_col = 99 }, seen = { 0 };
	struct termios raw;
	char name[64], text[16] = "";
	int master, slave;

	ok(!openpty(&master, &slave, name, NULL, &size) && isatty(slave) && !strncmp(name, "/dev/pts/", 9), "openpty() makes a pair");
	ok(!ioctl(slave, TIOCGWINSZ, &seen) && seen.ws_row == 33 && seen.ws_col == 99, "of the size that is asked for");
	tcgetattr(slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	write(slave, "out\n", 4);
	ok(read(master, text, 16) == 4 && !memcmp(text, "out\n", 4), "what is written to one end");
	write(master, "in", 2);
	ok(read(slave, text, 16) == 2 && !memcmp(text, "in", 2), "is read from the other");
	pid_t child = fork();
	if (!child) {
		close(master);
		if (login_tty(slave))
			_exit(1);
		_exit(getsid(0) == getpid() && tcgetpgrp(0) == getpid() && isatty(1) && isatty(2) && open("/dev/tty", O_RDWR) >= 0 ? 0 : 2);
	}
	ok(status_of(child) == 0, "login_tty(): session, group, controlling terminal, descriptors");
	close(master);
	close(slave);
}

/* A child on a terminal of its own that waits, as it has said there. */
static pid_t sitting_at(int *master)
{
	pid_t child = forkpty(master, NULL, NULL, NULL);

	if (!child) {
		printf("ready\n");
		fflush(stdout);
		for (;;)
			pause();
	}
	comes(*master, "ready");
	return child;
}

static void sessions(void)
{
	int master;
	pid_t child = forkpty(&master, NULL, NULL, NULL);

	if (!child) {
		char line[32] = "";

		printf("ready\n");
		fflush(stdout);
		_exit(read(0, line, sizeof(line)) == 6 && !strcmp(line, "hello\n") && getsid(0) == getpid() ? 7 : 1);
	}
	ok(child > 0 && comes(master, "ready"), "forkpty(): a child on a terminal of its own");
	write(master, "hello\n", 6);
	ok(comes(master, "hello") && status_of(child) == 7, "that reads lines and echoes them");
	close(master);
	child = sitting_at(&master);
	write(master, "\003", 1);
	ok(status_of(child) == -SIGINT, "Ctrl-C on the terminal is SIGINT");
	close(master);
	child = sitting_at(&master);
	close(master);
	ok(status_of(child) == -SIGHUP, "the terminal's end is SIGHUP");
}

static void daemons(void)
{
	int pipes[2], answer[4] = { 0 };

	pipe(pipes);
	pid_t child = fork();
	if (!child) {
		pid_t before = getpid(), session = getsid(0);

		chdir("/tmp");
		if (daemon(0, 0))
			_exit(1);
		struct stat null, input;
		char folder[64];
		stat("/dev/null", &null);
		fstat(0, &input);
		answer[0] = getpid() != before && getsid(0) != session;
		answer[1] = !strcmp(getcwd(folder, sizeof(folder)), "/");
		answer[2] = null.st_rdev == input.st_rdev && !isatty(1);
		answer[3] = open("/dev/tty", O_RDWR) == -1 && errno == ENXIO;
		write(pipes[1], answer, sizeof(answer));
		_exit(0);
	}
	ok(status_of(child) == 0 && read(pipes[0], answer, sizeof(answer)) == sizeof(answer), "daemon() lets its caller's parent go on");
	ok(answer[0], "in a session of its own");
	ok(answer[1], "in the root");
	ok(answer[2], "without input and output");
	ok(answer[3], "without a terminal");
}

int main(void)
{
	pairs();
	sessions();
	daemons();
	return tap_done();
}
