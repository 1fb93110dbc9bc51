/* SPDX-License-Identifier: MIT */
/* For guest tests that wait for the processes they make. */
#include <errno.h>
#include <sys/wait.h>

/* As waitpid() has it; -1: there is no such child. */
static inline int ended(pid_t pid)
{
	int status;
	pid_t found;

	do
		found = waitpid(pid, &status, __WALL);
	while (found < 0 && errno == EINTR);
	return found == pid ? status : -1;
}

/* The exit status, or minus the signal that killed it; -1000: there is no such child. */
static inline int status_of(pid_t pid)
{
	int status = ended(pid);

	if (status == -1)
		return -1000;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
