// SPDX-License-Identifier: MIT
/*
 * Victims of the OOM killer that can't die, since they wait for what only others can give: their memory is taken all the same,
 * by the OOM reaper or by process_mrelease(). They wait to write to a file system that is frozen, which no signal interrupts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "children.h"
#include "kernel-files.h"
#include "tap.h"

#define GROUP "/sys/fs/cgroup/oom-victims"
#define MIB (1 << 10)	/* in KiB, as the kernel shows memory */
/* What else the kernel may have taken or given back meanwhile. */
#define NOISE (2 * MIB)

static int disk;

static long free_memory(void)
{
	return field("/proc/meminfo", "MemFree:");
}

static void *take(long kib)
{
	return mmap(NULL, kib * 1024, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static char state(pid_t pid)
{
	char path[64], letter = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (f) {
		fscanf(f, "%*d (%*[^)]) %c", &letter);
		fclose(f);
	}
	return letter;
}

static int freeze(void)
{
	return ioctl(disk, FIFREEZE, 0);
}

static int thaw(void)
{
	return ioctl(disk, FITHAW, 0);
}

/* A child with so much memory, in the group if there is one, that waits for the disk when this returns. */
static pid_t waiting(long kib, const char *group)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (group && put(group, "0"))
			_exit(1);
		put("/proc/self/oom_score_adj", "1000");
		if (take(kib) == MAP_FAILED)
			_exit(1);
		mkdir("/disk/folder", 0700);
		_exit(0);
	}
	while (state(pid) != 'D' && state(pid) != 'Z')
		usleep(1000);
	return pid;
}

/* The status of a child that takes so much, in small pieces, and is no victim itself. */
static int taker(long kib, const char *group)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (group && put(group, "0"))
			_exit(2);
		for (; kib > 0; kib -= 64)
			if (take(64) == MAP_FAILED)
				_exit(1);
		_exit(0);
	}
	return ended(pid);
}

static void asked(void)
{
	long before, with;
	pid_t pid;
	int fd;

	ok(!freeze(), "a file system is frozen");
	before = free_memory();
	pid = waiting(20 * MIB, NULL);
	with = free_memory();
	fd = syscall(SYS_pidfd_open, pid, 0);
	ok(with < before - 20 * MIB + NOISE, "a process with 20 MiB waits for it");
	ok(syscall(SYS_process_mrelease, fd, 0) == -1 && errno == EINVAL, "process_mrelease() of who lives: EINVAL");
	ok(syscall(SYS_process_mrelease, fd, 1) == -1 && errno == EINVAL, "unknown flags: EINVAL");
	kill(pid, SIGKILL);
	ok(state(pid) == 'D' && waitpid(pid, NULL, WNOHANG) == 0, "killed, it waits still");
	ok(!syscall(SYS_process_mrelease, fd, 0), "process_mrelease() releases its memory");
	ok(free_memory() > with + 20 * MIB - NOISE, "which is free now");
	ok(!syscall(SYS_process_mrelease, fd, 0), "to do so again does nothing");
	ok(state(pid) == 'D', "the process is still there");
	ok(!thaw() && ended(pid) == SIGKILL, "and gone when the file system thaws");
	ok(syscall(SYS_process_mrelease, fd, 0) == -1 && errno == ESRCH, "then there is nothing to release: ESRCH");
	ok(free_memory() > before - NOISE && free_memory() < before + 10 * MIB, "its memory is free only once");
	close(fd);
}

static void reaped(long victim, long wanted, const char *group, const char *what)
{
	long kills = field("/proc/vmstat", "oom_kill ");
	pid_t pid;

	freeze();
	pid = waiting(victim, group);
	ok(taker(wanted, group) == 0, what);
	ok(field("/proc/vmstat", "oom_kill ") == kills + 1 && state(pid) == 'D', "its victim can't die");
	ok(!thaw() && ended(pid) == SIGKILL, "and does when the file system thaws");
}

int main(void)
{
	long available;

	put("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	mkdir(GROUP, 0755);
	mkdir("/disk", 0755);
	put("/proc/self/oom_score_adj", "-1000");
	if (system("dd if=/dev/zero of=/disk.img bs=1M count=1 2>/dev/null && losetup /dev/loop0 /disk.img && "
		   "mke2fs -F /dev/loop0 >/dev/null 2>&1") ||
	    mount("/dev/loop0", "/disk", "ext4", 0, NULL))
		return 1;
	disk = open("/disk", O_RDONLY);
	asked();
	put(GROUP "/memory.max", "40M");
	reaped(25 * MIB, 25 * MIB, GROUP "/cgroup.procs", "a group's OOM killer makes room");
	available = field("/proc/meminfo", "MemAvailable:");
	reaped(available / 2, available / 4 * 3, NULL, "the machine's OOM killer makes room");
	close(disk);
	umount("/disk");
	return tap_done();
}
