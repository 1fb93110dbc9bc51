// SPDX-License-Identifier: MIT
/* madvise(): every advice that this kernel knows, what it does to memory, to forks and to files, and each refusal. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

/* Newer than musl. */
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define FAILS(call, error) (errno = 0, (call) == -1 && errno == (error))

static char *map(int pages)
{
	char *p = mmap(NULL, pages * PAGE, RW, ANON, -1, 0);

	memset(p, 'x', pages * PAGE);
	return p;
}

static int all(const char *p, size_t n, char value)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != value)
			return 0;
	return 1;
}

static int file_of(int pages)
{
	int fd = memfd_create("advice", 0);
	char page[PAGE];

	memset(page, 'f', PAGE);
	while (pages--)
		write(fd, page, PAGE);
	return fd;
}

static void forgotten(void)
{
	char *p = map(6), *q;
	int fd = file_of(2);

	ok(!madvise(p + PAGE, PAGE, MADV_DONTNEED) && all(p + PAGE, PAGE, 0) && p[PAGE - 1] == 'x' && p[2 * PAGE] == 'x',
	   "MADV_DONTNEED: anonymous memory is zero");
	munmap(p + 3 * PAGE, PAGE);
	ok(FAILS(madvise(p + 2 * PAGE, 3 * PAGE, MADV_DONTNEED), ENOMEM) && all(p + 2 * PAGE, PAGE, 0) && all(p + 4 * PAGE, PAGE, 0),
	   "over a hole: ENOMEM, and what is mapped is zero");
	mprotect(p + 5 * PAGE, PAGE, PROT_NONE);
	ok(!madvise(p + 5 * PAGE, PAGE, MADV_DONTNEED) && !mprotect(p + 5 * PAGE, PAGE, PROT_READ) && all(p + 5 * PAGE, PAGE, 0),
	   "also with PROT_NONE");
	if (!mlock(p, PAGE))
		ok(FAILS(madvise(p, PAGE, MADV_DONTNEED), EINVAL) && !madvise(p, PAGE, MADV_DONTNEED_LOCKED) && all(p, PAGE, 0),
		   "locked memory only by MADV_DONTNEED_LOCKED");
	ok(FAILS(madvise(p, PAGE, MADV_FREE), EINVAL) && !munlock(p, PAGE) && !madvise(p, PAGE, MADV_FREE), "MADV_FREE not of locked memory");
	munmap(p, 6 * PAGE);

	q = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	memset(q, 'm', 2 * PAGE);
	pwrite(fd, "new", 3, PAGE);
	ok(!madvise(q + PAGE, PAGE, MADV_DONTNEED) && !memcmp(q + PAGE, "newf", 4) && q[0] == 'm',
	   "MADV_DONTNEED: a private file mapping shows the file again, as it is now");
	ok(FAILS(madvise(q, PAGE, MADV_FREE), EINVAL), "MADV_FREE not of files");
	munmap(q, 2 * PAGE);
	q = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
	q[0] = 's';
	ok(!madvise(q, PAGE, MADV_DONTNEED) && q[0] == 's', "a shared one loses nothing");
	ok(!madvise(q + PAGE, PAGE, MADV_REMOVE) && all(q + PAGE, PAGE, 0) && q[0] == 's', "MADV_REMOVE makes a hole in a file");
	ok(pread(fd, (char[4]){ 1 }, 4, PAGE) == 4 && lseek(fd, 0, SEEK_END) == 2 * PAGE, "of the same size");
	munmap(q, 2 * PAGE);
	q = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	ok(FAILS(madvise(q, PAGE, MADV_REMOVE), EACCES), "not through a private mapping");
	munmap(q, 2 * PAGE);
	p = map(1);
	ok(FAILS(madvise(p, PAGE, MADV_REMOVE), EINVAL), "nor of anonymous memory");
	munmap(p, PAGE);
	close(fd);
}

static int child_says(int (*look)(char *), char *p)
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(!look(p));
	return waitpid(child, &status, 0) == child && status == 0;
}

static int is_wiped(char *p)
{
	return all(p, PAGE, 'x') && all(p + PAGE, PAGE, 0) && all(p + 2 * PAGE, PAGE, 'x');
}

static int is_whole(char *p)
{
	return all(p, 3 * PAGE, 'x');
}

static int has_hole(char *p)
{
	unsigned char vec[1];

	return p[0] == 'x' && p[2 * PAGE] == 'x' && FAILS(mincore(p + PAGE, PAGE, vec), ENOMEM);
}

static int wiped_twice(char *p)
{
	p[PAGE] = 'c';
	return child_says(is_wiped, p);
}

static void forks(void)
{
	char *p = map(3), *shared;

	ok(!madvise(p + PAGE, PAGE, MADV_WIPEONFORK) && child_says(is_wiped, p) && is_whole(p), "MADV_WIPEONFORK: a child finds zeros");
	ok(child_says(wiped_twice, p), "so does its child");
	ok(!madvise(p, 3 * PAGE, MADV_KEEPONFORK) && child_says(is_whole, p), "MADV_KEEPONFORK: all of it");
	ok(!madvise(p + PAGE, PAGE, MADV_DONTFORK) && child_says(has_hole, p) && is_whole(p), "MADV_DONTFORK: a child has not got it");
	ok(!madvise(p, 3 * PAGE, MADV_DOFORK) && child_says(is_whole, p), "MADV_DOFORK: it has");
	munmap(p, 3 * PAGE);
	shared = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ok(FAILS(madvise(shared, PAGE, MADV_WIPEONFORK), EINVAL), "shared memory can't be wiped");
	munmap(shared, PAGE);
}

static void hints(void)
{
	static const int harmless[] = { MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_COLD, MADV_PAGEOUT, MADV_DONTDUMP, MADV_DODUMP,
					MADV_POPULATE_READ, MADV_POPULATE_WRITE };
	char *p = map(2);
	int right = 1;

	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		right &= !madvise(p, 2 * PAGE, harmless[i]) && all(p, 2 * PAGE, 'x');
	ok(right, "hints change nothing");
	mprotect(p, PAGE, PROT_READ);
	ok(FAILS(madvise(p, 2 * PAGE, MADV_POPULATE_WRITE), EINVAL) && !madvise(p, 2 * PAGE, MADV_POPULATE_READ),
	   "MADV_POPULATE_WRITE wants the right to write");
	ok(FAILS(madvise(p, PAGE, 12345), EINVAL) && FAILS(madvise(p, 0, 12345), EINVAL), "unknown advice: EINVAL");
	ok(FAILS(madvise(p + 1, PAGE, MADV_NORMAL), EINVAL), "an odd address: EINVAL");
	ok(!madvise(p, 0, MADV_DONTNEED) && p[0] == 'x', "no length: nothing happens");
	ok(FAILS(madvise(p, (size_t)-PAGE, MADV_DONTNEED), EINVAL) && p[0] == 'x', "around the end: EINVAL");
	munmap(p, 2 * PAGE);
	ok(FAILS(madvise(p, PAGE, MADV_DONTNEED), ENOMEM) && FAILS(madvise(p, PAGE, MADV_NORMAL), ENOMEM), "what is not mapped: ENOMEM");
}

int main(void)
{
	forgotten();
	forks();
	hints();
	return tap_done();
}
