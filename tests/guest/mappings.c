// SPDX-License-Identifier: MIT
/*
 * Mappings: new memory is zero, also where something was before; files are read in; parts are unmapped, moved and grown;
 * what is outside memory is EFAULT, and copies stop exactly there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "tap.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static int all(const char *p, size_t n, char value)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != value)
			return 0;
	return 1;
}

static char *map(size_t n)
{
	return mmap(NULL, n, RW, ANON, -1, 0);
}

int main(void)
{
	char *p = map(10 * PAGE), *q, *end;
	int fd = open("/tmp/mapped", O_CREAT | O_RDWR | O_TRUNC, 0600);
	static char text[3 * PAGE];
	struct rlimit limit, tight;
	int null = open("/dev/null", O_WRONLY), zero = open("/dev/zero", O_RDONLY);
	int pipes[2];

	ok(p != MAP_FAILED && all(p, 10 * PAGE, 0), "new memory is zero");
	memset(p, 1, 10 * PAGE);
	ok(!munmap(p + 3 * PAGE, 4 * PAGE) && all(p, 3 * PAGE, 1) && all(p + 7 * PAGE, 3 * PAGE, 1), "a part is unmapped");
	q = map(4 * PAGE);
	ok(q == p + 3 * PAGE && all(q, 4 * PAGE, 0), "the hole is used again, and zero");
	memset(q, 2, 4 * PAGE);
	ok(mmap(p, 5 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == p && all(p, 5 * PAGE, 0) && all(p + 5 * PAGE, 2 * PAGE, 2),
	   "MAP_FIXED replaces what it covers");
	ok(mmap(p, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED && errno == EEXIST, "MAP_FIXED_NOREPLACE does not");
	ok(munmap(p + 1, PAGE) == -1 && errno == EINVAL, "an odd address can't be unmapped");
	ok(mmap(NULL, 0, RW, ANON, -1, 0) == MAP_FAILED && errno == EINVAL, "nor can nothing be mapped");

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i / 7;
	write(fd, text, sizeof(text) - 100);
	q = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, PAGE);
	ok(q != MAP_FAILED && !memcmp(q, text + PAGE, 2 * PAGE - 100) && all(q + 2 * PAGE - 100, 100, 0), "a file is read in from its offset");
	q[0] = 99;
	pread(fd, text, 1, PAGE);
	ok(text[0] == (char)(PAGE / 7), "and not written to");
	end = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	ok(end != MAP_FAILED && (end[0] = 99) && pread(fd, text, 1, 0) == 1 && text[0] == 99, "a shared mapping is written to");
	munmap(end, PAGE);
	ok(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, null, 0) == MAP_FAILED && errno == EACCES, "a file must be readable");
	munmap(q, 4 * PAGE);

	q = map(2 * PAGE);
	memset(q, 5, 2 * PAGE);
	end = map(PAGE);
	p = mremap(q, 2 * PAGE, 200 * PAGE, MREMAP_MAYMOVE);
	ok(p != MAP_FAILED && all(p, 2 * PAGE, 5) && all(p + 2 * PAGE, 198 * PAGE, 0), "mremap() grows a mapping");
	ok(mremap(p, 200 * PAGE, PAGE, 0) == p && all(p, PAGE, 5), "and shrinks it");
	ok(mremap(p, PAGE, 50 * PAGE, 0) == p && all(p, PAGE, 5) && all(p + PAGE, 49 * PAGE, 0), "in place it is zero where it was used before");
	munmap(end, PAGE);
	ok(mremap(end, PAGE, 3 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT, "what is not mapped can't be grown");

	pipe(pipes);
	end = (char *)0xfffff000;
	ok(write(null, end, 1) == 1 && write(pipes[1], end, 1) == -1 && errno == EFAULT, "memory outside is EFAULT");
	ok(read(zero, (void *)-1, 1) == -1 && errno == EFAULT, "also the last byte");
	ok(open((char *)0xffff0000, O_RDONLY) == -1 && errno == EFAULT, "a path outside is EFAULT");
	ok(syscall(SYS_getcwd, end, 100) == -1 && errno == EFAULT, "a result outside is EFAULT");

	getrlimit(RLIMIT_AS, &limit);
	tight = limit;
	tight.rlim_cur = 4 << 20;
	setrlimit(RLIMIT_AS, &tight);
	ok(map(16 << 20) == MAP_FAILED && errno == ENOMEM, "RLIMIT_AS is kept");
	setrlimit(RLIMIT_AS, &limit);
	ok(map(0x7fff0000) == MAP_FAILED && errno == ENOMEM, "and the engine's limit");

	int intact = 1;
	for (int round = 0; round < 200; round++) {
		char *blocks[8];

		for (int i = 0; i < 8; i++) {
			blocks[i] = map((i * 37 % 11 + 1) * PAGE);
			intact &= blocks[i] != MAP_FAILED && all(blocks[i], (i * 37 % 11 + 1) * PAGE, 0);
			memset(blocks[i], round + 1, (i * 37 % 11 + 1) * PAGE);
		}
		for (int i = 7; i >= 0; i--)
			munmap(blocks[(i * 3) % 8], ((i * 3) % 8 * 37 % 11 + 1) * PAGE);
	}
	ok(intact, "mappings that come and go are zero each time");
	return tap_done();
}
