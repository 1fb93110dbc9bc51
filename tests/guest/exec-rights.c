// SPDX-License-Identifier: MIT
/*
 * Who a program runs as: set-user-ID and set-group-ID files, file capabilities, AT_SECURE, no_new_privs, what a mount or a
 * tracer takes away, and what ordinary users may not execute. As root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <grp.h>
#include <unistd.h>
#include "tap.h"

enum { USER = 1000, OTHER = 1001, GROUP = 1002 };

/* What the executed program says of itself. */
struct answer {
	uint32_t uid, euid, suid, gid, egid, secure, dumpable, permitted, no_new_privs, done;
};

static int copy_to(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	static char program[1 << 20];
	int from = open("/proc/self/exe", O_RDONLY), to = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0700);
	ssize_t length = read(from, program, sizeof(program));

	write(to, program, length);
	close(from);
	close(to);
	return chown(path, uid, gid) || chmod(path, mode);
}

static int tell(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	uid_t uid, euid, suid;

	getresuid(&uid, &euid, &suid);
	syscall(SYS_capget, &header, data);
	struct answer answer = {
		uid, euid, suid, getgid(), getegid(), getauxval(AT_SECURE), prctl(PR_GET_DUMPABLE),
		data[0].permitted, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1,
	};
	return write(1, &answer, sizeof(answer)) != sizeof(answer);
}

static int no_new_privs;

/* Executes the file as an ordinary user. */
static struct answer run(const char *path)
{
	struct answer answer = { 0 };
	int pipes[2];

	pipe(pipes);
	pid_t child = fork();
	if (!child) {
		dup2(pipes[1], 1);
		close(pipes[0]);
		close(pipes[1]);
		if (setgroups(0, NULL) || setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
			_exit(1);
		if (no_new_privs)
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		execl(path, "tell", NULL);
		answer.done = 100 + errno;
		write(1, &answer, sizeof(answer));
		_exit(2);
	}
	close(pipes[1]);
	waitpid(child, NULL, 0);
	read(pipes[0], &answer, sizeof(answer));
	close(pipes[0]);
	return answer;
}

static void identities(void)
{
	struct answer a;

	copy_to("plain", 0, 0, 0755);
	a = run("./plain");
	ok(a.done == 1 && a.uid == USER && a.euid == USER && !a.secure && a.dumpable == 1 && !a.permitted, "an ordinary program is the user's");
	copy_to("setuid", OTHER, OTHER, 04755);
	a = run("./setuid");
	ok(a.uid == USER && a.euid == OTHER && a.suid == OTHER && a.egid == USER, "set-user-ID: the owner's rights");
	ok(a.secure == 1 && a.dumpable == 0, "AT_SECURE, and not dumpable");
	copy_to("setgid", OTHER, GROUP, 02755);
	a = run("./setgid");
	ok(a.euid == USER && a.gid == USER && a.egid == GROUP && a.secure == 1, "set-group-ID: the group's");
	copy_to("setgid-off", OTHER, GROUP, 02745);
	a = run("./setgid-off");
	ok(a.egid == USER && !a.secure, "but not without the group's right to execute");
	copy_to("root", 0, 0, 04755);
	a = run("./root");
	ok(a.euid == 0 && a.permitted && a.secure, "set-user-ID of root: all capabilities");
	a = run("./plain");
	ok(!a.secure, "others are not touched by that");
	int fd = open("script", O_CREAT | O_WRONLY, 0755);
	dprintf(fd, "#!%s/plain\n", get_current_dir_name());
	close(fd);
	chown("script", OTHER, OTHER);
	chmod("script", 04755);
	a = run("./script");
	ok(a.done == 1 && a.euid == USER && !a.secure, "a script gets nothing from its bits");
}

static void capabilities(void)
{
	struct vfs_cap_data data = { .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE };
	struct answer a;

	data.data[0].permitted = 1 << CAP_NET_RAW;
	copy_to("raw", 0, 0, 0755);
	if (setxattr("raw", "security.capability", &data, sizeof(data), 0)) {
		ok(0, "capabilities of files can be set");
		return;
	}
	a = run("./raw");
	ok(a.euid == USER && a.permitted == 1 << CAP_NET_RAW && a.secure == 1, "file capabilities: those, and AT_SECURE");
	no_new_privs = 1;
	a = run("./raw");
	ok(a.done == 1 && !a.permitted && a.no_new_privs == 1, "no_new_privs: none of it");
	a = run("./root");
	ok(a.done == 1 && a.euid == USER && !a.permitted && !a.secure, "nor set-user-ID");
	no_new_privs = 0;
	chown("raw", USER, USER);
	a = run("./raw");
	ok(!a.permitted && getxattr("raw", "security.capability", &data, sizeof(data)) == -1, "a new owner's file has them no more");
}

static void mounts(void)
{
	struct answer a;

	mkdir("nosuid", 0755);
	if (mount("x", "nosuid", "tmpfs", MS_NOSUID, "mode=755")) {
		ok(0, "tmpfs can be mounted");
		return;
	}
	copy_to("nosuid/setuid", OTHER, OTHER, 04755);
	a = run("nosuid/setuid");
	ok(a.done == 1 && a.euid == USER && !a.secure, "a nosuid mount: an ordinary program");
	umount("nosuid");
	copy_to("mine", 0, 0, 0700);
	a = run("./mine");
	ok(a.done == 100 + EACCES, "EACCES without the right");
	copy_to("unreadable", 0, 0, 0711);
	a = run("./unreadable");
	ok(a.done == 1 && a.dumpable == 0, "who may execute but not read: not dumpable");
	mkdir("closed", 0700);
	copy_to("closed/plain", 0, 0, 0755);
	a = run("closed/plain");
	ok(a.done == 100 + EACCES, "EACCES behind a closed folder");
}

/* An ordinary user's tracer: the program gets no rights that its tracer has not. */
static void tracers(void)
{
	struct answer answer = { 0 };
	int pipes[2], status;

	pipe(pipes);
	pid_t tracer = fork();
	if (!tracer) {
		if (setgroups(0, NULL) || setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
			_exit(1);
		pid_t child = fork();
		if (!child) {
			dup2(pipes[1], 1);
			ptrace(PTRACE_TRACEME, 0, 0, 0);
			execl("./root", "tell", NULL);
			_exit(2);
		}
		while (waitpid(child, &status, 0) == child && WIFSTOPPED(status))
			ptrace(PTRACE_CONT, child, 0, 0);
		_exit(WEXITSTATUS(status));
	}
	waitpid(tracer, &status, 0);
	close(pipes[1]);
	read(pipes[0], &answer, sizeof(answer));
	ok(answer.done == 1 && answer.euid == USER && !answer.permitted, "a user who traces a set-user-ID program has no root to play with");
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/exec-rights-XXXXXX";

	if (argc > 0 && !strcmp(argv[0], "tell"))
		return tell();
	if (argc == 2 && strstr(argv[1], "script"))	/* what plain gets as an interpreter */
		return tell();
	mkdtemp(folder);
	chmod(folder, 0755);
	chdir(folder);
	identities();
	capabilities();
	mounts();
	tracers();
	return tap_done();
}
