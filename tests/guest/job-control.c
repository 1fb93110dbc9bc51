// SPDX-License-Identifier: MIT
/*
 * Sessions, process groups and a terminal: who may read and write, what the keys send, what stops and continues, what becomes of
 * groups that nobody could continue any more. Each scene is a child that leads a session on a pseudo-terminal of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include "tap.h"

static int master, slave, tube[2];

static void default_actions(void)
{
	for (int s = 1; s < 32; s++)
		signal(s, SIG_DFL);
}

/* In a scene: a child in a process group of its own, in the foreground or not. It runs `body`. */
static pid_t job(int foreground, void (*body)(void))
{
	pid_t child = fork();

	if (!child) {
		setpgid(0, 0);
		signal(SIGTTOU, SIG_IGN);
		if (foreground)
			tcsetpgrp(slave, getpid());
		default_actions();
		body();
		_exit(0);
	}
	setpgid(child, child);
	if (foreground)
		tcsetpgrp(slave, child);
	return child;
}

static int wait_for(pid_t child)
{
	int status = 0;

	if (waitpid(child, &status, WUNTRACED | WCONTINUED) != child)
		return -1;
	return status;
}

static int stopped_by(pid_t child)
{
	int status = wait_for(child);

	return status != -1 && WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
}

static int killed_by(pid_t child)
{
	int status = wait_for(child);

	return status != -1 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void sleep_for_ever(void)
{
	write(tube[1], "r", 1);
	for (;;)
		pause();
}
/* sleep_for_ever has begun */
static void is_ready(void)
{
	char byte;
	read(tube[0], &byte, 1);
}
static void type(const char *keys) { write(master, keys, strlen(keys)); }

static void read_terminal(void)
{
	char bytes[16];
	_exit(read(slave, bytes, sizeof(bytes)) > 0 ? 7 : errno == EIO ? 8 : 9);
}
static void read_terminal_ignoring(void)
{
	signal(SIGTTIN, SIG_IGN);
	read_terminal();
}
static void write_terminal(void) { _exit(write(slave, "text\n", 5) == 5 ? 7 : 9); }
static void set_modes(void)
{
	struct termios modes;
	tcgetattr(slave, &modes);
	_exit(tcsetattr(slave, TCSANOW, &modes) ? 9 : 7);
}
static void set_modes_ignoring(void)
{
	signal(SIGTTOU, SIG_IGN);
	set_modes();
}

static volatile int got[65], last;
static void note(int signal)
{
	got[signal]++;
	last = signal;
}
static void note_stop(int signal)
{
	/* As editors do it: restore the terminal, stop, go on. */
	note(signal);
	struct sigaction stop = { .sa_handler = SIG_DFL }, own;
	sigset_t set;
	sigaction(SIGTSTP, &stop, &own);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigaction(SIGTSTP, &own, NULL);
}
static void suspend_like_an_editor(void)
{
	signal(SIGTSTP, note_stop);
	signal(SIGCONT, note);
	write(tube[1], "r", 1);
	while (!got[SIGTSTP] || !got[SIGCONT])
		pause();
	_exit(7);
}
static void interrupted_sleep(void)
{
	signal(SIGINT, note);
	write(tube[1], "r", 1);
	while (!got[SIGINT])
		pause();
	_exit(7);
}

static void scene_sessions(void)
{
	ok(getsid(0) == getpid() && getpgrp() == getpid() && tcgetsid(slave) == getpid() && tcgetpgrp(slave) == getpid(),
	   "the leader has a session, a group and a terminal");
	errno = 0;
	ok(setsid() == -1 && errno == EPERM, "a leader can't begin another session");
	pid_t child = job(0, sleep_for_ever);
	is_ready();
	ok(getpgid(child) == child && getsid(child) == getpid(), "a job has its group in the session");
	errno = 0;
	ok(setpgid(child, getppid()) == -1 && errno == EPERM, "a group is joined within the session only");
	ok(!killpg(child, SIGTERM) && killed_by(child) == SIGTERM, "killpg");
	pid_t pids[3];
	for (int i = 0; i < 3; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			setpgid(0, i ? pids[0] : 0);
			sleep_for_ever();
		}
		setpgid(pids[i], pids[0]);
		is_ready();
	}
	int killed = 0, status;
	kill(-pids[0], SIGUSR1);
	for (int i = 0; i < 3; i++)
		killed += waitpid(-pids[0], &status, 0) > 0 && WTERMSIG(status) == SIGUSR1;
	ok(killed == 3, "a signal to a group reaches all of it, and waitpid waits for a group");
}

static void scene_keys(void)
{
	pid_t child = job(1, sleep_for_ever);
	is_ready();
	ok(tcgetpgrp(slave) == child, "a job is in the foreground");
	type("\x1a");
	ok(stopped_by(child) == SIGTSTP, "Ctrl-Z stops it");
	kill(child, SIGCONT);
	int status = wait_for(child);
	ok(status != -1 && WIFCONTINUED(status), "SIGCONT continues it");
	type("\x03");
	ok(killed_by(child) == SIGINT, "Ctrl-C ends it");
	child = job(1, sleep_for_ever);
	is_ready();
	type("\x1c");
	ok(killed_by(child) == SIGQUIT, "Ctrl-\\ too");
	child = job(1, interrupted_sleep);
	is_ready();
	type("\x03");
	ok(wait_for(child) == 7 << 8, "a handler of Ctrl-C");
	child = job(1, suspend_like_an_editor);
	is_ready();
	type("\x1a");
	ok(stopped_by(child) == SIGTSTP, "a handler of SIGTSTP stops by it");
	kill(child, SIGCONT);
	wait_for(child);
	ok(wait_for(child) == 7 << 8, "and goes on behind it");
}

static void scene_background(void)
{
	struct termios modes;

	pid_t child = job(0, read_terminal);
	ok(stopped_by(child) == SIGTTIN, "who reads in the background is stopped");
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(slave, child);
	kill(child, SIGCONT);
	wait_for(child);
	type("line\n");
	ok(wait_for(child) == 7 << 8, "and reads in the foreground");
	tcsetpgrp(slave, getpgrp());
	child = job(0, read_terminal_ignoring);
	ok(wait_for(child) == 8 << 8, "EIO when SIGTTIN is ignored");
	child = job(0, write_terminal);
	ok(wait_for(child) == 7 << 8, "writing is free");
	tcgetattr(slave, &modes);
	modes.c_lflag |= TOSTOP;
	tcsetattr(slave, TCSANOW, &modes);
	child = job(0, write_terminal);
	ok(stopped_by(child) == SIGTTOU, "but with TOSTOP");
	kill(child, SIGKILL);
	wait_for(child);
	child = job(0, set_modes);
	ok(stopped_by(child) == SIGTTOU, "setting modes is for the foreground");
	tcsetpgrp(slave, child);
	kill(child, SIGCONT);
	wait_for(child);
	ok(wait_for(child) == 7 << 8, "where it works");
	tcsetpgrp(slave, getpgrp());
	child = job(0, set_modes_ignoring);
	ok(wait_for(child) == 7 << 8, "or with SIGTTOU ignored");
}

static void scene_window(void)
{
	struct winsize size = { 33, 111 };

	signal(SIGWINCH, note);
	ioctl(master, TIOCSWINSZ, &size);
	ok(got[SIGWINCH] == 1, "SIGWINCH when the window changes");
	size = (struct winsize) { 0 };
	ioctl(slave, TIOCGWINSZ, &size);
	ok(size.ws_row == 33 && size.ws_col == 111, "and its size");
	ioctl(master, TIOCSWINSZ, &size);
	ok(got[SIGWINCH] == 1, "not when it stays");
	signal(SIGHUP, note);
	ok(!ioctl(slave, TIOCNOTTY) && got[SIGHUP] == 1, "the leader gives the terminal up, with SIGHUP to the foreground");
	errno = 0;
	ok(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO, "then there is none");
	ok(!ioctl(slave, TIOCSCTTY, 0) && tcgetpgrp(slave) == getpid(), "and taken again");
}

/* A stopped job whose parent, and with it who could continue it, ends. */
static void orphaned_child(void)
{
	signal(SIGHUP, note);
	signal(SIGCONT, note);
	write(tube[1], "r", 1);
	raise(SIGSTOP);
	while (!got[SIGHUP] || !got[SIGCONT])
		pause();
	write(tube[1], "h", 1);
	/* Nobody could continue it now, so the keys' stop is not for it. */
	raise(SIGTSTP);
	write(tube[1], "o", 1);
	_exit(0);
}
static void parent_of_orphan(void)
{
	pid_t child = job(0, orphaned_child);

	is_ready();
	waitpid(child, NULL, WUNTRACED);
	_exit(0);
}
static void scene_orphans(void)
{
	char bytes[2] = "";

	pid_t parent = job(0, parent_of_orphan);
	wait_for(parent);
	read(tube[0], bytes, 1);
	read(tube[0], bytes + 1, 1);
	ok(bytes[0] == 'h' && bytes[1] == 'o', "a stopped group that becomes orphaned gets SIGHUP and SIGCONT, and SIGTSTP does not stop it");
	pid_t child = job(0, sleep_for_ever);
	is_ready();
	kill(child, SIGSTOP);
	ok(stopped_by(child) == SIGSTOP, "SIGSTOP stops any other");
	kill(child, SIGTERM);
	ok(waitpid(child, NULL, WNOHANG | WUNTRACED | WCONTINUED) == 0, "a stopped process does not take other signals");
	kill(child, SIGCONT);
	int status = wait_for(child);
	if (status != -1 && WIFCONTINUED(status))
		status = wait_for(child);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "until it is continued");
	child = job(0, sleep_for_ever);
	is_ready();
	kill(child, SIGSTOP);
	stopped_by(child);
	kill(child, SIGKILL);
	ok(killed_by(child) == SIGKILL, "SIGKILL kills what is stopped");
	signal(SIGCONT, note);
	got[SIGCONT] = 0;
	raise(SIGCONT);
	ok(got[SIGCONT] == 1, "SIGCONT has a handler, whether stopped or not");
}

static void say_hangup(int signal)
{
	write(tube[1], "H", 1);
	_exit(0);
}
static void wait_for_hangup(void)
{
	signal(SIGHUP, say_hangup);
	write(tube[1], "r", 1);
	for (;;)
		pause();
}
/* The leader ends with a job in the foreground. */
static void scene_leader_ends(void)
{
	job(1, wait_for_hangup);
	is_ready();
	_exit(0);
}

static void scene_hangup(void)
{
	close(master);
	signal(SIGHUP, note);
	write(tube[1], "g", 1);
	while (!got[SIGHUP])
		pause();
	char byte;
	errno = 0;
	int ended = read(slave, &byte, 1) == 0, failed = write(slave, "x", 1) == -1 && errno == EIO;
	write(tube[1], ended && failed ? "E" : "-", 1);
	_exit(0);
}

/* kill(-1): all that one may signal, but oneself and process 1. */
static void scene_kill_all(void)
{
	pid_t pids[3];
	int killed = 0, status;

	if (getuid() == 0)
		setuid(61234);
	for (int i = 0; i < 3; i++) {
		pids[i] = fork();
		if (!pids[i])
			sleep_for_ever();
		is_ready();
	}
	signal(SIGTERM, note);
	kill(-1, SIGTERM);
	for (int i = 0; i < 3; i++)
		killed += waitpid(pids[i], &status, 0) == pids[i] && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
	ok(killed == 3 && !got[SIGTERM], "kill(-1) reaches all one's processes but oneself");
	errno = 0;
	ok(kill(1, SIGTERM) == -1 && errno == EPERM, "others' are refused");
}

static pid_t begin(void (*body)(void), int on_terminal)
{
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	grantpt(master);
	unlockpt(master);
	pid_t child = fork();
	if (!child) {
		setsid();
		slave = open(ptsname(master), O_RDWR | (on_terminal ? 0 : O_NOCTTY));
		alarm(30);
		body();
		printf("# %d\n", tap_count);
		fflush(stdout);
		_exit(tap_failed ? 1 : 0);
	}
	return child;
}

/* A scene's statements are counted here, too. */
static void play(void (*body)(void), int statements)
{
	int status;
	pid_t child = begin(body, 1);

	waitpid(child, &status, 0);
	close(master);
	tap_count += statements;
	if (status)
		tap_failed++;
}

int main(void)
{
	char byte = 0;

	pipe(tube);
	play(scene_sessions, 6);
	play(scene_keys, 8);
	play(scene_background, 8);
	play(scene_window, 6);
	play(scene_orphans, 6);
	play(scene_kill_all, 2);

	pid_t child = begin(scene_leader_ends, 1);
	waitpid(child, NULL, 0);
	read(tube[0], &byte, 1);
	ok(byte == 'H', "the foreground gets SIGHUP when the session's leader ends");
	close(master);
	child = begin(scene_hangup, 1);
	is_ready();
	close(master);
	read(tube[0], &byte, 1);
	waitpid(child, NULL, 0);
	ok(byte == 'E', "the leader gets SIGHUP when the terminal goes away, reads its end and can't write");
	return tap_done();
}
