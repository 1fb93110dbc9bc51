// SPDX-License-Identifier: MIT
/*
 * /sbin/session: what the machine was booted for. init starts it once; it runs the command that the host asked for, or a
 * login shell on the console, and then ends the machine with the command's status. It reads the files of /run/host, whose
 * format src/image/run-request.ts describes and writes.
 *
 * The command leads a session of its own, with the console as controlling terminal if it uses the console at all: so Ctrl-C
 * reaches it, and Ctrl-Z does not stop it (its process group is orphaned, and nobody could continue it). A shell's own jobs
 * are not orphaned. What the command leaves behind dies with the machine.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <mntent.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <linux/reboot.h>

/* Exit statuses as env(1), timeout(1) and the shells have them. */
enum { SESSION_FAILED = 125, NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

#define PROGRAM "/run/host/program.wasm"

extern char **environ;

/* The contents of a file of /run/host with a NUL behind them, or NULL when it is absent. */
static char *request(const char *name, size_t *length)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/run/host/%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	char *contents = malloc(st.st_size + 1);
	if (!contents || read(fd, contents, st.st_size) != st.st_size)
		return NULL;
	close(fd);
	contents[st.st_size] = 0;
	if (length)
		*length = st.st_size;
	return contents;
}

/* A NULL-terminated vector of the NUL-terminated strings in a file of /run/host, or NULL when it is absent. */
static char **request_strings(const char *name)
{
	size_t length, count = 0;
	char *strings = request(name, &length);

	if (!strings)
		return NULL;
	for (size_t i = 0; i < length; i++)
		count += !strings[i];
	char **vector = calloc(count + 1, sizeof(*vector));
	if (!vector)
		return NULL;
	for (size_t i = 0; i < count; i++, strings += strlen(strings) + 1)
		vector[i] = strings;
	return vector;
}

/*
 * Disks are left consistent. Usually there is none, and then this costs one read: what lies in memory dies anyway. The orphans
 * of the command may hold files open, so they die first; a disk that is still busy is at least written out.
 */
static void release_disks(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *entry;
	int disks = 0;

	if (!mounts)
		return;
	while ((entry = getmntent(mounts))) {
		if (strncmp(entry->mnt_fsname, "/dev/", 5))
			continue;
		if (!disks++)
			kill(-1, SIGKILL);
		if (umount(entry->mnt_dir) < 0)
			mount("", entry->mnt_dir, "", MS_REMOUNT | MS_RDONLY, NULL);
	}
	endmntent(mounts);
	if (disks)
		sync();
}

static _Noreturn void end_machine(int status)
{
	char command[32];

	release_disks();
	snprintf(command, sizeof(command), "exit %d", status);
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART2, command);
	/* Another kernel than ours would know no such command. */
	reboot(RB_POWER_OFF);
	_exit(SESSION_FAILED);
}

/* Says on standard error why the session fails, and ends the machine. */
static _Noreturn void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("wasmlinux: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	tcdrain(STDERR_FILENO);
	end_machine(SESSION_FAILED);
}

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
			fail("%s: %s", path, strerror(errno));
		if (opened != fd) {
			dup2(opened, fd);
			close(opened);
		}
	}
}

/* HOME and its like from the password file, then what the host asks for. */
static void set_environment(const struct passwd *user)
{
	char **wanted = request_strings("env");
	const char *term = getenv("TERM");

	setenv("TERM", term ? term : "linux", 1);
	setenv("LANG", "C.UTF-8", 1);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", user->pw_dir, 1);
	setenv("SHELL", user->pw_shell, 1);
	setenv("USER", user->pw_name, 1);
	setenv("LOGNAME", user->pw_name, 1);
	for (; wanted && *wanted; wanted++)
		putenv(*wanted);
}

/* As login(1): the user owns the terminal, so that /dev/stdin and its like can be opened again. */
static void become(const struct passwd *user)
{
	if (user->pw_uid == 0)
		return;
	for (int fd = 0; fd < 3; fd++)
		fchown(fd, user->pw_uid, -1);
	if (initgroups(user->pw_name, user->pw_gid) < 0 || setgid(user->pw_gid) < 0 || setuid(user->pw_uid) < 0)
		fail("%s: %s", user->pw_name, strerror(errno));
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

	if (!access(PROGRAM, F_OK)) {
		execute_file(PROGRAM, argv);
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

/* The child's part. It shares the parent's memory, of which the parent uses nothing any more. */
static _Noreturn void run_command(void)
{
	char **argv = request_strings("argv");
	char *terminals = request("tty", NULL);
	char *name = request("user", NULL);
	char *folder = request("cwd", NULL);
	int is_login = !argv || !argv[0];

	setsid();
	open_standard_files(is_login || !terminals ? "012" : terminals);
	const struct passwd *user = getpwnam(name ? name : "root");
	if (!user)
		fail("%s: there is no such user", name ? name : "root");
	set_environment(user);
	become(user);
	if (chdir(folder ? folder : user->pw_dir) < 0 && folder)
		fail("%s: %s", folder, strerror(errno));

	if (is_login) {
		/* The dash tells the shell that it is a login shell. */
		const char *base = strrchr(user->pw_shell, '/');
		char *login[2] = { NULL, NULL };

		if (!request("quiet", NULL))
			show_message_of_the_day();
		if (asprintf(&login[0], "-%s", base ? base + 1 : user->pw_shell) >= 0)
			execv(user->pw_shell, login);
		fail("%s: %s", user->pw_shell, strerror(errno));
	}
	execute(argv);
	int status = errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
	fprintf(stderr, "wasmlinux: %s: %s\n", argv[0], status == NOT_FOUND ? "not found" : strerror(errno));
	_exit(status);
}

int main(void)
{
	int status = 0;
	pid_t command = vfork();

	if (command < 0)
		fail("vfork: %s", strerror(errno));
	if (command == 0)
		run_command();
	while (waitpid(command, &status, 0) < 0 && errno == EINTR)
		;
	/* What went to the streams has been taken by the host when write() returned; a terminal has a buffer. */
	tcdrain(STDOUT_FILENO);
	end_machine(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}
