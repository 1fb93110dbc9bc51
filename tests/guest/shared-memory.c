// SPDX-License-Identifier: MIT
/*
 * Memory that processes share: without a name, memfd, POSIX and System V shared memory. Who writes, however it ends, is seen by
 * the others, in memory and through system calls. Passes on native Linux too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "tap.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)

static volatile int *anonymous(size_t bytes)
{
	void *p = mmap(NULL, bytes, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Two pipes: processes that take turns. */
struct turns {
	int to_child[2], to_parent[2];
};

static void turns_begin(struct turns *t)
{
	if (pipe(t->to_child) || pipe(t->to_parent))
		_exit(99);
}

static void turn(int to, int from)
{
	char c = 0;

	if (write(to, &c, 1) != 1 || read(from, &c, 1) != 1)
		_exit(98);
}

static void without_a_name(void)
{
	volatile int *p = anonymous(64 * PAGE);
	struct turns t;
	pid_t child;
	int i, good = 1;
	char c = 0;

	ok(p && p[0] == 0 && p[64 * PAGE / 4 - 1] == 0, "shared anonymous memory is zero");
	p[5] = 17;
	turns_begin(&t);
	child = fork();
	if (!child) {
		if (p[5] != 17)
			_exit(1);
		for (i = 0; i < 100; i++) {
			if (read(t.to_child[0], &c, 1) != 1 || p[i * 600] != 2 * i + 1)
				_exit(2);
			p[i * 600 + 1] = 2 * i + 2;
			if (write(t.to_parent[1], &c, 1) != 1)
				_exit(3);
		}
		_exit(0);
	}
	for (i = 0; i < 100; i++) {
		p[i * 600] = 2 * i + 1;
		turn(t.to_child[1], t.to_parent[0]);
		good &= p[i * 600 + 1] == 2 * i + 2;
	}
	ok(ended(child) == 0 && good, "both sides see what the other wrote, turn by turn");
	/* A grandchild writes; its parent is gone. */
	child = fork();
	if (!child) {
		pid_t grandchild = fork();

		if (!grandchild) {
			p[9] = 99;
			_exit(0);
		}
		_exit(ended(grandchild) || p[9] != 99);
	}
	ok(ended(child) == 0 && p[9] == 99, "and what a grandchild wrote");
	munmap((void *)p, 64 * PAGE);
}

static void how_a_writer_ends(void)
{
	volatile int *p = anonymous(PAGE);
	pid_t child;

	child = fork();
	if (!child) {
		p[0] = 1;
		_exit(0);
	}
	ok(ended(child) == 0 && p[0] == 1, "exit leaves the last writes");
	child = fork();
	if (!child) {
		p[1] = 2;
		raise(SIGKILL);
		_exit(1);
	}
	ok(WTERMSIG(ended(child)) == SIGKILL && p[1] == 2, "so does SIGKILL");
	child = fork();
	if (!child) {
		p[2] = 3;
		__builtin_trap();
	}
	ok(WIFSIGNALED(ended(child)) && p[2] == 3, "so does a trap");
	child = fork();
	if (!child) {
		p[3] = 4;
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	ok(ended(child) == 0 && p[3] == 4, "so does exec");
	child = fork();
	if (!child) {
		p[4] = 5;
		munmap((void *)p, PAGE);
		_exit(0);
	}
	ok(ended(child) == 0 && p[4] == 5, "so does munmap");
	munmap((void *)p, PAGE);
}

/* Four processes add 1 to a word, and give each other turns at random places. */
static void exact_sums(void)
{
	enum { PROCESSES = 4, ROUNDS = 20000 };
	_Atomic int *sum = (_Atomic int *)anonymous(16 * PAGE);
	int total = 0;

	for (int n = 0; n < PROCESSES; n++)
		if (!fork()) {
			for (int i = 0; i < ROUNDS; i++) {
				atomic_fetch_add(&sum[(i % 16) * 1024], 1);
				if ((i * 7 + n) % 61 == 0)
					sched_yield();
			}
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < 16; i++)
		total += sum[i * 1024];
	ok(total == PROCESSES * ROUNDS, "four processes count exactly");
	munmap((void *)sum, 16 * PAGE);
}

/* System calls that sleep, and write to or read from shared memory when they wake up. */
static void system_calls_that_sleep(void)
{
	volatile char *p = (volatile char *)anonymous(2 * PAGE);
	int fds[2];
	pid_t child;
	struct iovec local, remote;
	char text[8] = "", path[32], big[PAGE];
	int fd;

	if (pipe(fds))
		_exit(99);
	child = fork();
	if (!child)	/* sleeps, while the parent writes to the same page */
		_exit(read(fds[0], (char *)p + 100, 5) != 5 || strcmp((char *)p, "parent") ||
		      memcmp((char *)p + 100, "hello", 5));
	sched_yield();
	strcpy((char *)p, "parent");
	if (write(fds[1], "hello", 5) != 5)
		_exit(99);
	ok(ended(child) == 0, "read() into a page that changed meanwhile");
	ok(!memcmp((char *)p + 100, "hello", 5), "what read() stored is shared");

	/* A pipe that is full: the writer sleeps in the middle of its buffer. */
	fcntl(fds[1], F_SETPIPE_SZ, PAGE);
	memset(big, 'x', sizeof(big));
	if (write(fds[1], big, sizeof(big)) != sizeof(big))
		_exit(99);
	child = fork();
	if (!child)
		_exit(write(fds[1], (char *)p, 6) != 6);
	sched_yield();
	memcpy((char *)p, "PARENT", 6);
	if (read(fds[0], big, sizeof(big)) != sizeof(big) || read(fds[0], text, 6) != 6)
		_exit(99);
	ok(ended(child) == 0 && (!strcmp(text, "PARENT") || !strcmp(text, "parent")),
	   "write() of a page that changed meanwhile");

	/* Another process's memory. */
	child = fork();
	if (!child) {
		p[PAGE] = 'c';
		if (read(fds[0], text, 1) != 1)
			_exit(1);
		_exit(p[PAGE + 1] != 'w' || p[PAGE + 2] != 'm');
	}
	while (p[PAGE] != 'c')
		sched_yield();
	p[PAGE] = 'p';
	local = (struct iovec){ text, 1 };
	remote = (struct iovec){ (char *)p + PAGE, 1 };
	ok(process_vm_readv(child, &local, 1, &remote, 1, 0) == 1 && text[0] == 'p',
	   "process_vm_readv() reads what is newest");
	remote.iov_base = (char *)p + PAGE + 1;
	text[0] = 'w';
	ok(process_vm_writev(child, &local, 1, &remote, 1, 0) == 1 && p[PAGE + 1] == 'w',
	   "process_vm_writev() writes what all see");
	snprintf(path, sizeof(path), "/proc/%d/mem", child);
	fd = open(path, O_RDWR);
	ok(fd >= 0 && pwrite(fd, "m", 1, (uintptr_t)p + PAGE + 2) == 1 && p[PAGE + 2] == 'm',
	   "so does /proc/PID/mem");
	close(fd);
	if (write(fds[1], "g", 1) != 1)
		_exit(99);
	ok(ended(child) == 0, "that process too");
	close(fds[0]);
	close(fds[1]);
	munmap((void *)p, 2 * PAGE);
}

static int send_fd(int socket, int fd)
{
	char c = 0, control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = { &c, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	return sendmsg(socket, &m, 0) == 1;
}

static int receive_fd(int socket)
{
	char c, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &c, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(socket, &m, 0) != 1)
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

static void memfds(void)
{
	int fd = memfd_create("m", MFD_ALLOW_SEALING), sockets[2];
	volatile char *p;
	char text[8] = "";
	pid_t child;
	void *q;

	ok(fd >= 0 && !ftruncate(fd, 2 * PAGE), "memfd");
	p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
	strcpy((char *)p + PAGE, "mine");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
		_exit(99);
	child = fork();
	if (!child) {
		munmap((void *)p, 2 * PAGE);
		fd = receive_fd(sockets[1]);
		p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, PAGE);
		if (p == MAP_FAILED || strcmp((char *)p, "mine"))
			_exit(1);
		strcpy((char *)p, "yours");
		_exit(0);
	}
	ok(send_fd(sockets[0], fd) && ended(child) == 0 && !strcmp((char *)p + PAGE, "yours"),
	   "a memfd passed through a socket");
	ok(pread(fd, text, 6, PAGE) == 6 && !strcmp(text, "yours"), "read() of what was mapped");
	ok(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) && errno == EBUSY, "F_SEAL_WRITE: mapped writable");
	ok(!fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), "F_SEAL_FUTURE_WRITE");
	q = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	ok(q == MAP_FAILED && errno == EPERM, "no new writable mapping");
	p[0] = 'w';
	ok(pread(fd, text, 1, 0) == 1 && text[0] == 'w', "the old one goes on");
	munmap((void *)p, 2 * PAGE);
	ok(!fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), "F_SEAL_WRITE when it is unmapped");
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
	ok(p != MAP_FAILED && !strcmp((char *)p, "yours"), "reading goes on");
	ok(mprotect((void *)p, PAGE, RW) && errno == EACCES, "mprotect() does not help");
	munmap((void *)p, PAGE);
	close(fd);
	close(sockets[0]);
	close(sockets[1]);
}

static void posix_shared_memory(void)
{
	int fd = shm_open("/test", O_CREAT | O_EXCL | O_RDWR, 0600);
	volatile int *p;
	struct stat st;
	pid_t child;

	ok(fd >= 0 && !ftruncate(fd, PAGE), "shm_open");
	p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	close(fd);
	child = fork();
	if (!child) {
		int other = shm_open("/test", O_RDWR, 0);
		volatile int *q;

		munmap((void *)p, PAGE);
		q = mmap(NULL, PAGE, RW, MAP_SHARED, other, 0);
		*q = 77;
		_exit(q == MAP_FAILED);
	}
	ok(ended(child) == 0 && *p == 77, "two processes by name");
	ok(!shm_unlink("/test") && stat("/dev/shm/test", &st), "shm_unlink");
	*p += 1;
	ok(*p == 78, "what is mapped stays");
	munmap((void *)p, PAGE);
}

static void system_v(void)
{
	int id = shmget(IPC_PRIVATE, 3 * PAGE - 5, IPC_CREAT | 0600);
	struct shmid_ds ds;
	volatile int *p, *q;
	char line[256];
	pid_t child;
	FILE *f;
	int found = 0;

	ok(id >= 0, "shmget");
	p = shmat(id, NULL, 0);
	ok(p != (void *)-1 && p[0] == 0, "shmat");
	p[0] = 1;
	child = fork();
	if (!child) {
		p[1] = p[0] + 1;
		if (shmctl(id, IPC_STAT, &ds) || ds.shm_nattch != 2 || ds.shm_segsz != 3 * PAGE - 5)
			_exit(1);
		_exit(shmdt((void *)p) != 0);
	}
	ok(ended(child) == 0 && p[1] == 2, "a child has it too, with nattch 2");
	child = fork();
	if (!child) {
		volatile int *r;

		shmdt((void *)p);
		r = shmat(id, NULL, SHM_RDONLY);
		_exit(r == (void *)-1 || r[1] != 2);
	}
	ok(ended(child) == 0, "SHM_RDONLY");
	ok(!shmctl(id, IPC_STAT, &ds) && ds.shm_nattch == 1, "nattch is 1 again");
	f = fopen("/proc/sysvipc/shm", "r");
	while (f && fgets(line, sizeof(line), f)) {
		int key, shmid;

		if (sscanf(line, "%d %d", &key, &shmid) == 2 && shmid == id)
			found = 1;
	}
	if (f)
		fclose(f);
	ok(found, "/proc/sysvipc/shm");
	ok(!shmctl(id, IPC_RMID, NULL) && p[1] == 2, "IPC_RMID: it lives while it is attached");
	ok(!shmdt((void *)p) && shmctl(id, IPC_STAT, &ds), "and no longer");
	ok(shmdt((void *)p) && errno == EINVAL, "shmdt twice");
	/* At an address. */
	id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
	q = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok(shmat(id, (void *)q, 0) == (void *)-1 && errno == EINVAL, "an address in use");
	ok(shmat(id, (void *)q, SHM_REMAP) == (void *)q, "SHM_REMAP");
	*q = 3;
	shmdt((void *)q);
	p = shmat(id, (char *)q + 5, SHM_RND);
	ok(p == q && *p == 3, "SHM_RND");
	shmctl(id, IPC_RMID, NULL);
	munmap((void *)q, 4 * PAGE);
}

/* Mappings that are taken apart and moved. */
static void parts(void)
{
	volatile char *p = (volatile char *)anonymous(8 * PAGE), *q;
	unsigned char residence[8];
	pid_t child;

	for (int i = 0; i < 8; i++)
		p[i * PAGE] = 'a' + i;
	child = fork();
	if (!child) {
		munmap((char *)p + 2 * PAGE, 2 * PAGE);
		for (int i = 0; i < 8; i++)
			if (i < 2 || i > 3) {
				if (p[i * PAGE] != 'a' + i)
					_exit(1);
				p[i * PAGE] = 'A' + i;
			}
		_exit(0);
	}
	ok(ended(child) == 0 && p[0] == 'A' && p[2 * PAGE] == 'c' && p[3 * PAGE] == 'd' &&
	   p[7 * PAGE] == 'H', "a hole in the middle");
	child = fork();
	if (!child) {
		p[0] = '1';
		q = mremap((char *)p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			   mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		if (q == MAP_FAILED || q == p || q[0] != '1' || q[2 * PAGE] != 'c')
			_exit(1);
		q[PAGE] = '2';
		p[5 * PAGE] = '3';
		_exit(0);
	}
	ok(ended(child) == 0 && p[0] == '1' && p[PAGE] == '2' && p[5 * PAGE] == '3',
	   "mremap() to another place");
	child = fork();
	if (!child) {
		p[6 * PAGE] = '4';
		if (mprotect((char *)p + 6 * PAGE, PAGE, PROT_READ))
			_exit(1);
		_exit(p[6 * PAGE] != '4');
	}
	ok(ended(child) == 0 && p[6 * PAGE] == '4', "written, then protected");
	ok(!mprotect((char *)p, 8 * PAGE, PROT_READ) && !mprotect((char *)p, 8 * PAGE, RW),
	   "mprotect() there and back");
	ok(!madvise((char *)p, 8 * PAGE, MADV_DONTNEED) && p[6 * PAGE] == '4',
	   "MADV_DONTNEED loses nothing that is shared");
	ok(!madvise((char *)p + 6 * PAGE, PAGE, MADV_REMOVE) && p[6 * PAGE] == 0,
	   "MADV_REMOVE does");
	p[6 * PAGE] = '5';
	child = fork();
	if (!child)
		_exit(p[6 * PAGE] != '5');
	ok(ended(child) == 0, "and the page serves again");
	ok(!msync((char *)p, 8 * PAGE, MS_SYNC) && !msync((char *)p, 8 * PAGE, MS_ASYNC) &&
	   !mincore((char *)p, 8 * PAGE, residence) && !mlock((char *)p, PAGE) &&
	   !munlock((char *)p, PAGE), "msync, mincore, mlock");
	munmap((char *)p, 8 * PAGE);
}

static void fork_in_the_middle(void)
{
	volatile int *p = anonymous(4 * PAGE);
	int good = 1;

	for (int i = 0; i < 200; i++) {
		pid_t child;

		p[i] = i;
		child = fork();
		if (!child) {
			for (int j = 0; j <= i; j++)
				if (p[j] != (j < i ? -j : j))
					_exit(1);
			p[i] = -i;
			_exit(0);
		}
		good &= ended(child) == 0 && p[i] == -i;
	}
	ok(good, "200 children, each with what all before it wrote");
	munmap((void *)p, 4 * PAGE);
}

static long kilobytes(const char *what)
{
	char line[128];
	long kb = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, what, strlen(what)))
			kb = atol(line + strlen(what));
	if (f)
		fclose(f);
	return kb;
}

static void counted(void)
{
	volatile char *p = (volatile char *)anonymous(64 * PAGE);

	for (int i = 0; i < 64; i++)
		p[i * PAGE] = 1;
	ok(kilobytes("RssShmem:") >= 256, "RssShmem");
	munmap((void *)p, 64 * PAGE);
	ok(kilobytes("RssShmem:") == 0, "RssShmem is 0 again");
}

int main(void)
{
	without_a_name();
	how_a_writer_ends();
	exact_sums();
	system_calls_that_sleep();
	memfds();
	posix_shared_memory();
	system_v();
	parts();
	fork_in_the_middle();
	counted();
	return tap_done();
}
