// SPDX-License-Identifier: MIT
/*
 * /sbin/session: what the machine was booted for. As process 1 it makes the root ready (root.c); then it runs the command that
 * the host asked for, or a login shell on the console, or what serves the host, and ends the machine with its status. Where another init is
 * process 1, that runs it once.
 *
 * The command leads a session of its own, with the console as controlling terminal if it uses the console at all: so Ctrl-C
 * reaches it, and Ctrl-Z does not stop it (its process group is orphaned, and nobody could continue it). A shell's own jobs
 * are not orphaned. What the command leaves behind dies with the machine.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "session.h"

/* In the requests' folder. */
#define PROGRAM "program.wasm"
/* argv[0] of this program when it is to be the host's. */
#define HOST_TASK "host-task"
/* Of the architecture (asm/unistd.h): gives the task to the host. */
#define SYS_wasm_host_task 247

extern char **environ;

/*
 * The console's own device, for /dev/console can't be a controlling terminal: the last name that the kernel lists. It is opened
 * without O_NOCTTY by the session's leader, and that makes it the controlling terminal.
 */
static const char *console_path(void)
{
	static char path[64] = "/dev/console";
	char names[64];
	int fd = open("/sys/class/tty/console/active", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, names, sizeof(names) - 1);

	if (n > 0) {
		names[n] = 0;
		names[strcspn(names, "\n")] = 0;
		char *last = strrchr(names, ' ');
		snprintf(path, sizeof(path), "/dev/%s", last ? last + 1 : names);
	}
	if (fd >= 0)
		close(fd);
	return path;
}

/* Makes descriptors 0, 1 and 2 the console or the host's streams. */
static void open_standard_files(const char *terminals)
{
	static const char *const stream[] = { "/dev/host/stdin", "/dev/host/stdout", "/dev/host/stderr" };

	for (int fd = 0; fd < 3; fd++) {
		int is_terminal = strchr(terminals, '0' + fd) != NULL;
		const char *path = is_terminal ? console_path() : stream[fd];
		int opened = open(path, is_terminal ? O_RDWR : fd == 0 ? O_RDONLY : O_WRONLY);

		if (opened < 0)
			fail(SESSION_FAILED, "%s: %s", path, strerror(errno));
		if (opened != fd) {
			dup2(opened, fd);
			close(opened);
		}
	}
}

/* HOME and its like from the password file, then what the host asks for. */
static void set_environment(const struct user *user)
{
	char **wanted = request_strings("env");
	const char *term = getenv("TERM");

	setenv("TERM", term ? term : "linux", 1);
	setenv("LANG", "C.UTF-8", 1);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", user->home, 1);
	setenv("SHELL", user->shell, 1);
	setenv("USER", user->name, 1);
	setenv("LOGNAME", user->name, 1);
	for (; wanted && *wanted; wanted++)
		putenv(*wanted);
}

/* A text file without #! is a shell script, as for every shell; a module that the kernel refuses is not. */
static int is_module(const char *path)
{
	char magic[4] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int is = fd >= 0 && read(fd, magic, 4) == 4 && !memcmp(magic, "\0asm", 4);

	if (fd >= 0)
		close(fd);
	return is;
}

/* Executes path as argv[0]; returns when that fails, with errno. */
static void execute_file(const char *path, char **argv)
{
	execv(path, argv);
	if (errno != ENOEXEC || is_module(path))
		return;
	size_t count = 0;
	while (argv[count])
		count++;
	char *shell[count + 2];
	shell[0] = "sh";
	shell[1] = (char *)path;
	memcpy(shell + 2, argv + 1, count * sizeof(*argv));
	execv("/bin/sh", shell);
}

/* Looks a name without a slash up in PATH. Returns when there is nothing to execute, with errno. */
static void execute(char **argv)
{
	char path[4096];
	int error = ENOENT;

	if (!faccessat(request_folder, PROGRAM, F_OK, 0)) {
		/* By the folder's descriptor, since the root may have become another. */
		syscall(SYS_execveat, request_folder, PROGRAM, argv, environ, 0);
		return;
	}
	if (strchr(argv[0], '/')) {
		execute_file(argv[0], argv);
		return;
	}
	for (const char *folder = getenv("PATH"); folder && *argv[0];) {
		size_t length = strcspn(folder, ":");

		if (length + strlen(argv[0]) + 2 <= sizeof(path)) {
			snprintf(path, sizeof(path), "%.*s/%s", length ? (int)length : 1, length ? folder : ".", argv[0]);
			execute_file(path, argv);
			if (errno != ENOENT && errno != ENOTDIR)
				error = errno;
		}
		folder = folder[length] ? folder + length + 1 : NULL;
	}
	errno = error;
}

static void show_message_of_the_day(void)
{
	char text[4096];
	int fd = open("/etc/motd", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

	if (n > 0)
		write(STDOUT_FILENO, text, n);
	if (fd >= 0)
		close(fd);
}

/* Executes the user's shell as a login shell. */
static _Noreturn void log_in(const struct user *user)
{
	const char *base = strrchr(user->shell, '/');
	char *login[2] = { NULL, NULL };

	if (!request("quiet", NULL))
		show_message_of_the_day();
	/* The dash tells the shell that it is a login shell. */
	if (asprintf(&login[0], "-%s", base ? base + 1 : user->shell) >= 0)
		execv(user->shell, login);
	fail(SESSION_FAILED, "%s: %s", user->shell, strerror(errno));
}

/*
 * For the host's own tasks (src/task): this program once more, under a name of its own and with a memory that nothing else
 * uses, which gives itself to the host. Descriptors 0 to 2 are nobody's.
 */
static _Noreturn void execute_host_task(void)
{
	static char *const argv[] = { HOST_TASK, NULL }, *const environment[] = { NULL };
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	chdir("/");
	execve("/proc/self/exe", argv, environment);
	_exit(NOT_EXECUTABLE);
}

static _Noreturn void serve_host(void)
{
	syscall(SYS_wasm_host_task);
	_exit(SESSION_FAILED);
}

/* The child's part. It shares the parent's memory, of which the parent uses nothing any more. */
static _Noreturn void run_command(char **argv)
{
	char *terminals = request("tty", NULL);
	char *name = request("user", NULL);
	char *folder = request("cwd", NULL);

	setsid();
	if (request("tasks", NULL))
		execute_host_task();
	open_standard_files(!argv || !terminals ? "012" : terminals);
	const struct user user = find_user(name ? name : "root");
	set_environment(&user);
	if (name)
		become(&user);
	if (chdir(folder ? folder : user.home) < 0 && folder)
		fail(MISTAKE, "the folder %s: %s", folder, strerror(errno));
	if (!argv)
		log_in(&user);
	execute(argv);
	int status = errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
	fprintf(stderr, "wasmlinux: %s: %s\n", argv[0], status == NOT_FOUND ? "not found" : strerror(errno));
	_exit(status);
}

/*
 * Arms the alarm that ends the command. The host names a time of day, so that its own start and the boot count, as they do for
 * timeout(1); it ends the machine itself when the command does not end in time then.
 */
static void set_alarm(void)
{
	const char *deadline = request("deadline", NULL);
	struct timespec now;

	if (!deadline)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	long long rest = strtoll(deadline, NULL, 10) * 1000 - (now.tv_sec * 1000000LL + now.tv_nsec / 1000);
	if (rest < 1)
		rest = 1;
	const struct itimerval timer = { .it_value = { rest / 1000000, rest % 1000000 } };
	setitimer(ITIMER_REAL, &timer, NULL);
}

/*
 * Passes signals on that were sent to the host's process. The terminal's go to all of the command's group, as a terminal sends
 * them, the others to the command alone, as kill(1) does.
 */
static void pass_on(int host_signals, pid_t command)
{
	unsigned char numbers[64];
	ssize_t n = read(host_signals, numbers, sizeof(numbers));

	for (ssize_t i = 0; i < n; i++) {
		int is_terminals = numbers[i] == SIGINT || numbers[i] == SIGQUIT || numbers[i] == SIGHUP;

		kill(is_terminals ? -command : command, numbers[i]);
	}
}

/* Waits for the command; what becomes its orphans when this is process 1 is waited for too. Returns the status of the machine. */
static int supervise(pid_t command, int is_login, const sigset_t *awaited)
{
	struct pollfd sources[] = {
		{ .fd = signalfd(-1, awaited, SFD_CLOEXEC), .events = POLLIN },
		/* A login shell's terminal is still the host's, too. */
		{ .fd = is_login ? -1 : open("/dev/host/signals", O_RDONLY | O_CLOEXEC | O_NONBLOCK), .events = POLLIN },
	};
	int is_late = 0;

	for (;;) {
		struct signalfd_siginfo told;
		pid_t ended;
		int status;

		while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
			if (ended != command)
				continue;
			if (is_late)
				return TIMED_OUT;
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		}
		if (poll(sources, 2, -1) < 0)
			continue;
		if (sources[1].revents & POLLIN)
			pass_on(sources[1].fd, command);
		else if (sources[1].revents)
			sources[1].fd = -1;
		if (!sources[0].revents || read(sources[0].fd, &told, sizeof(told)) < 0)
			continue;
		switch (told.ssi_signo) {
		case SIGALRM:
			is_late = 1;
			/* A shell takes no notice of SIGTERM. */
			kill(-command, is_login ? SIGHUP : SIGTERM);
			kill(-command, SIGCONT);
			break;
		/* What busybox's poweroff, halt and reboot, and the host's power button, tell process 1. */
		case SIGUSR1:
			power_off(RB_HALT_SYSTEM);
		case SIGUSR2:
		case SIGINT:
			power_off(RB_POWER_OFF);
		case SIGTERM:
			power_off(RB_AUTOBOOT);
		}
	}
}

int main(int argc, char **own_argv)
{
	sigset_t awaited, before;

	if (argc == 1 && !strcmp(own_argv[0], HOST_TASK))
		serve_host();
	open_requests();
	char **argv = request_strings("argv");
	if (getpid() == 1)
		prepare_root();

	sigemptyset(&awaited);
	sigaddset(&awaited, SIGCHLD);
	sigaddset(&awaited, SIGALRM);
	if (getpid() == 1) {
		static const int told[] = { SIGUSR1, SIGUSR2, SIGINT, SIGTERM };

		for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
			sigaddset(&awaited, told[i]);
	}
	sigprocmask(SIG_BLOCK, &awaited, &before);
	set_alarm();
	pid_t command = vfork();
	if (command < 0)
		fail(SESSION_FAILED, "vfork: %s", strerror(errno));
	if (command == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		run_command(argv);
	}
	int status = supervise(command, !argv, &awaited);
	/* What went to the streams has been taken by the host when write() returned; a terminal has a buffer. */
	tcdrain(STDOUT_FILENO);
	end_machine(status);
}
