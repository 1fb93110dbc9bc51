/* SPDX-License-Identifier: MIT */
/* musl answers ENOSYS, since POSIX means the process and Linux the thread pid; programs expect what Linux does. */
#include <sched.h>
#include "syscall.h"

int sched_getscheduler(pid_t pid)
{
	return syscall(SYS_sched_getscheduler, pid);
}
