// SPDX-License-Identifier: MIT
/*
 * brk(): grows, shrinks, is zero where it grows again, is limited by RLIMIT_DATA and RLIMIT_AS and by what is mapped behind it.
 * Nothing here allocates: the break is the test's own.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "kernel-files.h"
#include "tap.h"

#define PAGE 4096

static char *move(char *to)
{
	return (char *)syscall(SYS_brk, to);
}

static int all(const char *p, size_t n, char value)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != value)
			return 0;
	return 1;
}

/* The line of /proc/self/maps that has an address, read without stdio, which may allocate. */
static const char *line_of(const char *address)
{
	static char text[16384];
	int fd = open("/proc/self/maps", O_RDONLY);
	ssize_t n, size = 0;
	char *line, *end;

	while ((n = read(fd, text + size, sizeof(text) - 1 - size)) > 0)
		size += n;
	close(fd);
	text[size] = 0;
	for (line = text; *line; line = end + 1) {
		unsigned long from = strtoul(line, &end, 16), to = strtoul(end + 1, &end, 16);

		end = strchr(end, '\n');
		if ((unsigned long)address >= from && (unsigned long)address < to) {
			*end = 0;
			return line;
		}
	}
	return "";
}

int main(void)
{
	char *begin, *p, *page, *wall;
	struct rlimit old, tight;
	int status, zero = open("/dev/zero", O_RDONLY);
	pid_t child;

	/* What libc has taken of it stays. */
	begin = move(0);
	page = (char *)(((uintptr_t)begin + PAGE - 1) & -PAGE);
	p = move(page + 10 * PAGE);
	ok(p == page + 10 * PAGE && all(page, 10 * PAGE, 0), "the break grows, and what it gives is zero");
	memset(page, 1, 10 * PAGE);
	ok(strstr(line_of(page), "[heap]") != NULL && strstr(line_of(page), "rw-p") != NULL, "/proc/self/maps calls it [heap]");
	ok(move(page + 10 * PAGE - 100) == page + 10 * PAGE - 100 && move(0) == page + 10 * PAGE - 100, "it is where it was put, to the byte");
	ok(move(page + 3 * PAGE) == page + 3 * PAGE && all(page, 3 * PAGE, 1), "it shrinks");
	ok(read(zero, page + 3 * PAGE, 1) == -1, "what was above is not mapped");
	ok(move(page + 20 * PAGE) == page + 20 * PAGE && all(page, 3 * PAGE, 1) && all(page + 3 * PAGE, 17 * PAGE, 0),
	   "where it grows again it is zero");
	ok(move((char *)PAGE) == page + 20 * PAGE && move((char *)-1) == page + 20 * PAGE, "to an impossible place it does not move");

	memset(page, 2, 20 * PAGE);
	child = fork();
	if (!child)
		_exit(!(move(0) == page + 20 * PAGE && all(page, 20 * PAGE, 2) && move(page + 30 * PAGE) == page + 30 * PAGE &&
			all(page + 20 * PAGE, 10 * PAGE, 0)));
	waitpid(child, &status, 0);
	ok(status == 0, "a child has the same one, and moves its own");
	ok(move(0) == page + 20 * PAGE, "which leaves the parent's");

	getrlimit(RLIMIT_DATA, &old);
	tight = old;
	tight.rlim_cur = PAGE;
	setrlimit(RLIMIT_DATA, &tight);
	ok(move(page + 21 * PAGE) == page + 20 * PAGE, "RLIMIT_DATA holds it");
	setrlimit(RLIMIT_DATA, &old);
	getrlimit(RLIMIT_AS, &old);
	tight = old;
	tight.rlim_cur = 20 * PAGE;
	setrlimit(RLIMIT_AS, &tight);
	ok(move(page + 21 * PAGE) == page + 20 * PAGE, "so does RLIMIT_AS");
	setrlimit(RLIMIT_AS, &old);
	ok(move(page + 21 * PAGE) == page + 21 * PAGE, "without them it moves");

	wall = mmap(page + 22 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	*wall = 3;
	ok(wall == page + 22 * PAGE && move(page + 24 * PAGE) == page + 21 * PAGE && *wall == 3, "a mapping in its way holds it");
	munmap(wall, PAGE);
	ok(move(page + 24 * PAGE) == page + 24 * PAGE && all(page + 21 * PAGE, 3 * PAGE, 0), "until that has gone");
	ok(mprotect(page, PAGE, PROT_READ) == 0 && move(page + 26 * PAGE) == page + 26 * PAGE, "its parts can be protected");
	ok(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0 && all(page, PAGE, 2), "and keep what they have");
	ok(move(page) == page, "it goes back to where it was");
	return tap_done();
}
