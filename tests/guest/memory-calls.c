// SPDX-License-Identifier: MIT
/*
 * mprotect, madvise, mincore, mlock, msync and process_vm_readv: the system calls of MMU kernels that protect.c, mlock.c and
 * remote.c of arch/wasm/mm answer. Exit status 0 if all is as the manual says, else the line of the first that is not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif

#include "expect.h"
#define FAILS(call, error) EXPECT((call) == -1 && errno == (error))

/* How many mappings /proc/self/maps shows between two addresses, and the permissions of the one at `at`. */
static int mappings(char *from, char *to, char *at, char permissions[5])
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	char line[256], perms[8];
	int n = 0;

	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %4s", &start, &end, perms) != 3)
			continue;
		if (start >= (unsigned long)from && end <= (unsigned long)to)
			n++;
		if ((unsigned long)at >= start && (unsigned long)at < end)
			memcpy(permissions, perms, 5);
	}
	fclose(maps);
	return n;
}

static void protection(void)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char permissions[5] = "";
	int fd;

	EXPECT(p != MAP_FAILED);
	/* musl rounds the address down. */
	FAILS(syscall(SYS_mprotect, p + 1, PAGE, PROT_READ), EINVAL);
	FAILS(mprotect(p, PAGE, 0x100), EINVAL);
	EXPECT(!mprotect(p, 0, PROT_NONE));
	EXPECT(!mprotect(p + PAGE, 2 * PAGE, PROT_READ));
	EXPECT(mappings(p, p + 4 * PAGE, p + PAGE, permissions) == 3);
	EXPECT(!strcmp(permissions, "r--p"));
	EXPECT(!mprotect(p + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE));
	p[PAGE] = 7;
	EXPECT(!munmap(p + PAGE, PAGE));
	FAILS(mprotect(p, 4 * PAGE, PROT_READ), ENOMEM);
	EXPECT(!munmap(p, 4 * PAGE));

	fd = open("/proc/self/exe", O_RDONLY);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	EXPECT(p != MAP_FAILED && !memcmp(p, "\0asm", 4));
	FAILS(mprotect(p, PAGE, PROT_READ | PROT_WRITE), EACCES);
	EXPECT(!munmap(p, PAGE));
	close(fd);
}

static void advice(void)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char resident[4] = { 0 };

	memset(p, 'x', 4 * PAGE);
	EXPECT(!madvise(p + PAGE, PAGE, MADV_DONTNEED));
	EXPECT(p[PAGE - 1] == 'x' && p[PAGE] == 0 && p[2 * PAGE - 1] == 0 && p[2 * PAGE] == 'x');
	EXPECT(!madvise(p, 4 * PAGE, MADV_WILLNEED));
	FAILS(madvise(p, PAGE, 12345), EINVAL);
	FAILS(madvise(p + 1, PAGE, MADV_NORMAL), EINVAL);
	EXPECT(!mincore(p, 4 * PAGE, resident) && resident[0] && resident[3]);
	EXPECT(!mlock(p + 5, PAGE) && !munlock(p, PAGE));
	FAILS(mlockall(0), EINVAL);
	EXPECT(!mlockall(MCL_CURRENT) && !munlockall());
	EXPECT(!msync(p, PAGE, MS_SYNC));
	FAILS(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
	EXPECT(!munmap(p, 4 * PAGE));
	FAILS(mincore(p, PAGE, resident), ENOMEM);
	FAILS(mlock(p, PAGE), ENOMEM);
	FAILS(madvise(p, PAGE, MADV_DONTNEED), ENOMEM);
	FAILS(msync(p, PAGE, MS_SYNC), ENOMEM);
}

/* KiB, as /proc/self/status has them. */
static long locked(void)
{
	char line[128];
	long value = -1;
	FILE *status = fopen("/proc/self/status", "r");

	while (fgets(line, sizeof(line), status))
		sscanf(line, "VmLck: %ld", &value);
	fclose(status);
	return value;
}

static void locks(void)
{
	char *p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *q;
	pid_t child;
	int status;

	EXPECT(locked() == 0);
	EXPECT(!mlock(p + 5, PAGE) && locked() == 8);
	FAILS(msync(p + PAGE, PAGE, MS_INVALIDATE), EBUSY);
	EXPECT(!msync(p + 2 * PAGE, PAGE, MS_INVALIDATE));
	EXPECT(!syscall(SYS_mlock2, p + PAGE, 2 * PAGE, MLOCK_ONFAULT) && locked() == 12);
	FAILS(syscall(SYS_mlock2, p, PAGE, 2), EINVAL);
	EXPECT(!mlock(p, 4 * PAGE) && locked() == 16);
	EXPECT(!munlock(p + PAGE, PAGE) && locked() == 12);
	EXPECT(!munmap(p, 2 * PAGE) && locked() == 8);
	child = fork();
	if (!child)
		_exit(locked() != 0);
	EXPECT(waitpid(child, &status, 0) == child && status == 0);
	FAILS(mlock(p + PAGE, 2 * PAGE), ENOMEM);
	EXPECT(!munlockall() && locked() == 0);
	q = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
	EXPECT(q != MAP_FAILED && locked() == 4 && !munmap(q, PAGE) && locked() == 0);

	child = fork();
	if (!child) {
		const struct rlimit some = { 2 * PAGE, 2 * PAGE }, none = { 0, 0 };

		EXPECT(!setrlimit(RLIMIT_MEMLOCK, &some) && !setuid(1));
		EXPECT(!mlock(p + 2 * PAGE, 2 * PAGE));
		EXPECT(!mlock(p + 2 * PAGE, 2 * PAGE));
		FAILS(mlock(p + 4 * PAGE, PAGE), ENOMEM);
		FAILS(mlockall(MCL_CURRENT), ENOMEM);
		EXPECT(!mlockall(MCL_FUTURE));
		q = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		EXPECT(q == MAP_FAILED && errno == EAGAIN);
		EXPECT(!munlock(p + 2 * PAGE, PAGE));
		q = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		EXPECT(q != MAP_FAILED);
		FAILS(mlock(p + 2 * PAGE, PAGE), ENOMEM);
		EXPECT(!munlockall() && !setrlimit(RLIMIT_MEMLOCK, &none));
		FAILS(mlock(p + 2 * PAGE, PAGE), EPERM);
		FAILS(mlockall(MCL_CURRENT), EPERM);
		_exit(0);
	}
	EXPECT(waitpid(child, &status, 0) == child && status == 0);
	EXPECT(!mlockall(MCL_CURRENT) && locked() > 24 && !munlockall() && locked() == 0);
	EXPECT(!munmap(p + 2 * PAGE, 6 * PAGE));
}

/* SHM_LOCK is limited for the user, whatever his processes are. */
static void shared_locks(void)
{
	const struct rlimit some = { 2 * PAGE, 2 * PAGE };
	pid_t child = fork();
	int status, large, small;

	if (!child) {
		EXPECT(!setrlimit(RLIMIT_MEMLOCK, &some) && !setuid(1));
		large = shmget(IPC_PRIVATE, 2 * PAGE, 0600);
		small = shmget(IPC_PRIVATE, PAGE, 0600);
		EXPECT(large >= 0 && small >= 0 && !shmctl(large, SHM_LOCK, NULL));
		FAILS(shmctl(small, SHM_LOCK, NULL), ENOMEM);
		EXPECT(!shmctl(large, SHM_UNLOCK, NULL) && !shmctl(small, SHM_LOCK, NULL));
		FAILS(shmctl(large, SHM_LOCK, NULL), ENOMEM);
		EXPECT(!shmctl(small, IPC_RMID, NULL) && !shmctl(large, SHM_LOCK, NULL));
		EXPECT(!shmctl(large, IPC_RMID, NULL));
		_exit(0);
	}
	EXPECT(waitpid(child, &status, 0) == child && status == 0);
}

static void other_process(void)
{
	static char there[3 * PAGE];
	char here[3 * PAGE];
	struct iovec local = { here, sizeof(here) }, remote[2] = { { there, 10 }, { there + PAGE, PAGE + 1 } };
	int ready[2], end[2], status;
	pid_t child;
	char c;

	EXPECT(!pipe(ready) && !pipe(end));
	child = fork();
	if (!child) {
		memset(there, 'c', sizeof(there));
		write(ready[1], "", 1);
		read(end[0], &c, 1);
		_exit(there[PAGE] == 'p' ? 0 : 1);
	}
	EXPECT(read(ready[0], &c, 1) == 1);
	EXPECT(there[0] == 0);
	EXPECT(process_vm_readv(child, &local, 1, remote, 2, 0) == 10 + PAGE + 1);
	EXPECT(here[0] == 'c' && here[10 + PAGE] == 'c');
	here[0] = 'p';
	local.iov_len = 1;
	EXPECT(process_vm_writev(child, &local, 1, remote + 1, 1, 0) == 1);
	remote[0].iov_base = (void *)0xfffff000;
	FAILS(process_vm_readv(child, &local, 1, remote, 1, 0), EFAULT);
	FAILS(process_vm_readv(child, &local, 1, remote, 1, 1), EINVAL);
	EXPECT(write(end[1], "", 1) == 1);
	EXPECT(waitpid(child, &status, 0) == child && status == 0);
	FAILS(process_vm_readv(child, &local, 1, remote, 1, 0), ESRCH);
}

int main(void)
{
	protection();
	advice();
	locks();
	shared_locks();
	other_process();
	return 0;
}
