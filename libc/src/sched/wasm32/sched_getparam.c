/* SPDX-License-Identifier: MIT */
/* musl answers ENOSYS, since POSIX means the process and Linux the thread pid; programs expect what Linux does. */
#include <sched.h>
#include "syscall.h"

int sched_getparam(pid_t pid, struct sched_param *param)
{
	return syscall(SYS_sched_getparam, pid, param);
}
