// SPDX-License-Identifier: MIT
/*
 * A process that maps shared memory again that it has mapped already, or inherited: both mappings are the same memory, and each
 * stays until it is unmapped itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include "tap.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)

static char *map(int fd, int first, int pages, int protection)
{
	return mmap(NULL, pages * PAGE, protection, MAP_SHARED, fd, first * PAGE);
}

/* A memfd of so many pages; a letter in each. */
static int letters(int pages)
{
	int fd = memfd_create("letters", MFD_ALLOW_SEALING);

	for (int i = 0; i < pages; i++)
		if (pwrite(fd, &"abcdefgh"[i], 1, i * PAGE) != 1)
			exit(99);
	if (ftruncate(fd, pages * PAGE))
		exit(99);
	return fd;
}

/* The byte at the begin of a page, as read(2) has it. */
static char in_file(int fd, int page)
{
	char c;

	return pread(fd, &c, 1, page * PAGE) == 1 ? c : 0;
}

static int ended_well(pid_t child)
{
	int status;

	return waitpid(child, &status, 0) == child && status == 0;
}

static void whole(void)
{
	int fd = letters(2);
	volatile char *p = map(fd, 0, 2, RW), *q = map(fd, 0, 2, RW);

	ok(p != MAP_FAILED && q != MAP_FAILED && q[0] == 'a' && q[PAGE] == 'b', "a file mapped twice");
	p[0] = 'x';
	q[PAGE] = 'y';
	ok(q[0] == 'x' && p[PAGE] == 'y', "what is written to one is in the other at once");
	munmap((void *)p, 2 * PAGE);
	q[1] = 'z';
	ok(q[0] == 'x' && in_file(fd, 1) == 'y', "one stays when the other is unmapped");
	p = map(fd, 0, 2, RW);
	munmap((void *)q, 2 * PAGE);
	ok(p[0] == 'x' && p[1] == 'z', "whichever it is");
	pwrite(fd, "w", 1, PAGE);
	ok(p[PAGE] == 'w', "and sees what is written to the file");
	munmap((void *)p, 2 * PAGE);
	p = map(fd, 0, 2, RW);
	ok(p[0] == 'x' && p[PAGE] == 'w', "the file has it all when none is left");
	munmap((void *)p, 2 * PAGE);
	close(fd);
}

static void in_parts(void)
{
	int fd = letters(6);
	volatile char *p = map(fd, 0, 6, RW), *q = map(fd, 2, 2, RW), *r;

	ok(q != MAP_FAILED && q[0] == 'c' && q[PAGE] == 'd', "a part of it mapped again");
	munmap((void *)p, 3 * PAGE);
	q[0] = 'C';
	p[3 * PAGE] = 'D';
	ok(q[PAGE] == 'D' && in_file(fd, 2) == 'C', "half of the first mapping is unmapped");
	munmap((void *)(p + 3 * PAGE), 3 * PAGE);
	q[PAGE] = 'E';
	ok(q[0] == 'C' && in_file(fd, 3) == 'E', "and the other half");
	munmap((void *)q, 2 * PAGE);

	p = map(fd, 0, 6, RW);
	q = map(fd, 1, 3, RW);
	r = map(fd, 0, 6, RW);
	munmap((void *)p, 6 * PAGE);
	q[0] = 'q';
	r[5 * PAGE] = 'r';
	ok(r[0] == 'a' && r[PAGE] == 'q' && in_file(fd, 5) == 'r', "three, of which the first goes");
	munmap((void *)r, 6 * PAGE);
	q[2 * PAGE] = 'Q';
	ok(in_file(fd, 3) == 'Q', "then the last");
	munmap((void *)q, 3 * PAGE);
	close(fd);
}

static void with_other_rights(void)
{
	int fd = letters(2), reader;
	volatile char *p, *q;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reader = open(path, O_RDONLY);
	p = map(reader, 0, 2, PROT_READ);
	q = map(fd, 0, 2, RW);
	ok(p != MAP_FAILED && q != MAP_FAILED, "once to read, then to write");
	q[0] = '1';
	ok(p[0] == '1' && in_file(fd, 0) == '1', "what is written is read, and in the file");
	munmap((void *)p, 2 * PAGE);
	close(reader);
	q[PAGE] = '2';
	ok(in_file(fd, 1) == '2', "also when the first is gone");
	p = map(fd, 0, 2, RW);
	ok(!mprotect((void *)q, 2 * PAGE, PROT_READ), "one becomes read-only");
	p[0] = '3';
	ok(q[0] == '3' && in_file(fd, 0) == '3', "the other may write still");
	munmap((void *)p, 2 * PAGE);
	munmap((void *)q, 2 * PAGE);
	ok(!fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), "F_SEAL_WRITE: nobody has it mapped to write any more");
	p = map(fd, 0, 2, PROT_READ);
	q = map(fd, 0, 1, PROT_READ);
	ok(p != MAP_FAILED && q != MAP_FAILED && q[0] == '3', "twice to read");
	munmap((void *)p, 2 * PAGE);
	munmap((void *)q, PAGE);
	close(fd);
}

static void inherited(void)
{
	int fd = letters(1);
	volatile char *p = map(fd, 0, 1, RW), *q;
	pid_t child = fork();

	if (!child) {
		q = map(fd, 0, 1, RW);
		if (q == MAP_FAILED || q[0] != 'a')
			_exit(1);
		q[0] = 'c';
		munmap((void *)q, PAGE);
		p[1] = 'd';
		_exit(0);
	}
	ok(ended_well(child) && p[0] == 'c' && p[1] == 'd', "a child maps again what it has from its parent");
	q = map(fd, 0, 1, RW);
	child = fork();
	if (!child) {
		munmap((void *)p, PAGE);
		q[0] = 'e';
		_exit(0);
	}
	ok(ended_well(child) && p[0] == 'e', "or inherits two mappings, and unmaps one");
	child = fork();
	if (!child) {
		munmap((void *)q, PAGE);
		munmap((void *)p, PAGE);
		_exit(in_file(fd, 0) != 'e');
	}
	ok(ended_well(child), "or both");
	p[0] = 'f';
	ok(q[0] == 'f', "the parent has both still");
	munmap((void *)p, PAGE);
	munmap((void *)q, PAGE);
	close(fd);
}

static int attached(int id)
{
	struct shmid_ds ds;

	return shmctl(id, IPC_STAT, &ds) ? -1 : (int)ds.shm_nattch;
}

static void system_v(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
	volatile char *p = shmat(id, NULL, 0), *q = shmat(id, NULL, 0);
	pid_t child;

	ok(q != (void *)-1 && attached(id) == 2, "a System V segment attached twice");
	p[0] = 's';
	ok(q[0] == 's', "is the same");
	child = fork();
	if (!child)
		_exit(attached(id) != 4);
	ok(ended_well(child) && attached(id) == 2, "a child has both, until it ends");
	shmctl(id, IPC_RMID, NULL);
	ok(!shmdt((void *)p) && attached(id) == 1 && q[0] == 's', "it lives until both are detached");
	ok(!shmdt((void *)q) && attached(id) == -1, "and no longer");
}

/* As often as there may be mappings; they are the one that is left. */
static void often(void)
{
	int fd = letters(1);
	char *p = map(fd, 0, 1, RW), *last = p, *q;
	long count = 0;

	while ((q = map(fd, 0, 1, RW)) != MAP_FAILED) {
		last = q;
		count++;
	}
	ok(errno == ENOMEM && count > 60000, "mapped too often: ENOMEM");
	ok(last[0] == 'a', "each is the file");
	close(fd);
}

/* What a copy of the pages would be needed for. */
static void refused(void)
{
#ifdef __wasm__
	int fd = letters(4);
	char *room = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *p = map(fd, 0, 2, RW), *q;

	ok(mmap(room, PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED && errno == EBUSY, "at two addresses: EBUSY");
	ok(map(fd, 1, 2, RW) == MAP_FAILED && errno == EBUSY, "half of it new: EBUSY");
	q = map(fd, 0, 2, RW);
	ok(mmap(p, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED && errno == EBUSY,
	   "another mapping over one of both: EBUSY");
	ok(mremap(p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EBUSY, "to move one: EBUSY");
	munmap(p, 2 * PAGE);
	ok(mremap(q, 0, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EINVAL, "once more by mremap of nothing: EINVAL");
	ok(mremap(q, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED, "alone it moves");
	p = map(fd, 0, 1, PROT_READ);
	ok(p[0] == 'a', "and is found there");
	close(fd);
#endif
}

int main(void)
{
	whole();
	in_parts();
	with_other_rights();
	inherited();
	system_v();
	refused();
	often();
	return tap_done();
}
