// SPDX-License-Identifier: MIT
/* The end of the machine: disks released, the status told to the host. */
#define _GNU_SOURCE
#include <mntent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>
#include <linux/reboot.h>
#include "session.h"

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

_Noreturn void end_machine(int status)
{
	char command[32];

	release_disks();
	snprintf(command, sizeof(command), "exit %d", status);
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART2, command);
	/* Another kernel than ours would know no such command. */
	reboot(RB_POWER_OFF);
	/* Of a command's user who may not: its supervisor ends the machine with that. */
	_exit(status);
}

/* What poweroff(8), halt(8) and reboot(8) ask of process 1. */
_Noreturn void power_off(int command)
{
	release_disks();
	reboot(command);
	_exit(SESSION_FAILED);
}

/* Says on standard error why there will be no command, and ends the machine. */
_Noreturn void fail(int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("wasmlinux: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	tcdrain(STDERR_FILENO);
	end_machine(status);
}
