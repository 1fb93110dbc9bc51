/* SPDX-License-Identifier: MIT */
/* musl answers ENOSYS, since POSIX means the process and Linux the thread pid; programs expect what Linux does. */
#include <sched.h>
#include "syscall.h"

int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param)
{
	return syscall(SYS_sched_setscheduler, pid, policy, param);
}
