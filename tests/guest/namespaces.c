// SPDX-License-Identifier: MIT
/* unshare and setns, each kind of namespace: what is then the process's own, how another joins it, who may. As root. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "children.h"
#include "kernel-files.h"
#include "tap.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static ino_t number(const char *kind)
{
	struct stat file = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	stat(path, &file);
	return file.st_ino;
}

/*
 * Runs change() in a process with a new namespace of that kind and lets another one join it by its file: the joined one
 * must pass check(), the caller's must not.
 */
static void each(const char *kind, int flag, int (*change)(void), int (*check)(void))
{
	int ready[2], done[2];
	char byte, path[64], what[80];

	pipe(ready);
	pipe(done);
	pid_t owner = fork();
	if (!owner) {
		ino_t before = number(kind);

		close(done[1]);
		byte = !unshare(flag) && !change() && (flag == CLONE_NEWPID || flag == CLONE_NEWTIME || number(kind) != before);
		write(ready[1], &byte, 1);
		read(done[0], path, 1);
		_exit(0);
	}
	read(ready[0], &byte, 1);
	snprintf(what, sizeof(what), "unshare() makes a %s namespace", kind);
	ok(byte, what);
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", owner, flag == CLONE_NEWTIME ? "time_for_children" : flag == CLONE_NEWPID ? "pid_for_children" : kind);
	pid_t guest = fork();
	if (!guest) {
		int fd = open(path, O_RDONLY), pidfd = syscall(SYS_pidfd_open, owner, 0);

		if (fd < 0 || ioctl(fd, 0xb703) != flag)	/* NS_GET_NSTYPE */
			_exit(3);
		if (setns(fd, flag == CLONE_NEWNET ? CLONE_NEWUTS : CLONE_NEWNET) != -1 || errno != EINVAL)
			_exit(4);
		if (setns(fd, flag))
			_exit(5);
		if (flag != CLONE_NEWTIME && flag != CLONE_NEWUSER && flag != CLONE_NEWPID && setns(pidfd, flag))
			_exit(6);
		_exit(check());
	}
	snprintf(what, sizeof(what), "setns() joins it");
	int status = status_of(guest);
	ok(status == 0, what);
	if (status)
		printf("# status %d\n", status);
	snprintf(what, sizeof(what), "the caller's own is another");
	ok(check() != 0, what);
	close(done[0]);
	close(done[1]);
	close(ready[0]);
	close(ready[1]);
	status_of(owner);
}

static int change_mounts(void)
{
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mkdir("/tmp/ns-test", 0700) ||
	       mount("x", "/tmp/ns-test", "tmpfs", 0, NULL) || mkdir("/tmp/ns-test/inside", 0700);
}

static int check_mounts(void)
{
	return access("/tmp/ns-test/inside", F_OK) != 0;
}

static int change_name(void)
{
	return sethostname("inside", 6);
}

static int check_name(void)
{
	char name[64];

	return gethostname(name, sizeof(name)) || strcmp(name, "inside");
}

static int change_queues(void)
{
	return msgget(4711, IPC_CREAT | 0600) < 0;
}

static int check_queues(void)
{
	return msgget(4711, 0) < 0;
}

static int change_net(void)
{
	return 0;
}

/* In the new one even the loopback is down. */
static int check_net(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) || (request.ifr_flags & IFF_UP);
}

static int change_pids(void)
{
	pid_t first = fork();

	if (!first) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return first < 0;
}

/* The next child is the second there. */
static int check_pids(void)
{
	pid_t child = fork();

	if (!child)
		_exit(getpid() == 2 && getppid() == 0 ? 0 : 1);
	return status_of(child);
}

static int change_users(void)
{
	return put("/proc/self/setgroups", "deny") || put("/proc/self/uid_map", "7 0 1") || put("/proc/self/gid_map", "8 0 1") ||
	       getuid() != 7 || getgid() != 8;
}

static int check_users(void)
{
	return getuid() != 7 || getgid() != 8;
}

static int change_time(void)
{
	return put("/proc/self/timens_offsets", "monotonic 864000 0\nboottime 864000 0");
}

static int check_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec < 864000 || number("time") != number("time_for_children");
}

static void users(void)
{
	pid_t child = fork();

	if (!child) {
		setgid(1000);
		if (setuid(1000) || unshare(CLONE_NEWUTS) != -1 || errno != EPERM)
			_exit(1);
		if (unshare(CLONE_NEWUSER | CLONE_NEWUTS) || sethostname("mine", 4))
			_exit(2);
		_exit(getuid() == 65534 && mount("x", "/tmp", "tmpfs", 0, NULL) == -1 && errno == EPERM ? 0 : 3);
	}
	ok(status_of(child) == 0, "who is not root needs a user namespace first, and has power only there");
	ok(unshare(0x8000) == -1 && errno == EINVAL, "no unknown kinds");
	ok(setns(0, 0) == -1 && (errno == EINVAL || errno == EBADF), "no other files");
}

/* The first process of a pid namespace: what it is to the others. */
static void first_process(void)
{
	int pipes[2];
	char byte;

	pipe(pipes);
	pid_t child = fork();
	if (!child) {
		unshare(CLONE_NEWPID);
		pid_t first = fork();
		if (!first) {
			if (getpid() != 1 || kill(1, SIGKILL) || kill(1, SIGTERM))
				_exit(1);
			if (!fork()) {
				write(pipes[1], "x", 1);
				for (;;)
					pause();
			}
			read(pipes[0], &byte, 1);
			if (!mkdir("/tmp/ns-proc", 0700))
				unshare(CLONE_NEWNS), mount("proc", "/tmp/ns-proc", "proc", 0, NULL);
			_exit(access("/tmp/ns-proc/2/stat", F_OK) || !access("/tmp/ns-proc/3", F_OK));
		}
		int status = status_of(first);
		_exit(status ?: fork() == -1 && errno == ENOMEM ? 0 : 9);
	}
	ok(status_of(child) == 0, "its number 1 can't kill itself, and with it all others end");
	close(pipes[1]);
	ok(read(pipes[0], &byte, 1) == 0, "as the pipe's end says");
	rmdir("/tmp/ns-proc");
}

int main(void)
{
	each("mnt", CLONE_NEWNS, change_mounts, check_mounts);
	each("uts", CLONE_NEWUTS, change_name, check_name);
	each("ipc", CLONE_NEWIPC, change_queues, check_queues);
	each("net", CLONE_NEWNET, change_net, check_net);
	each("pid", CLONE_NEWPID, change_pids, check_pids);
	each("user", CLONE_NEWUSER, change_users, check_users);
	each("time", CLONE_NEWTIME, change_time, check_time);
	users();
	first_process();
	rmdir("/tmp/ns-test");
	return tap_done();
}
