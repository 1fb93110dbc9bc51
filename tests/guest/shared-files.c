// SPDX-License-Identifier: MIT
/*
 * Files that processes map and, at the same time, read, write, truncate and lock. Passes on native Linux too; as root in the
 * guest also on a disk.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "tap.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)

static int new_file(const char *path, off_t size)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_RDWR, 0600);

	if (fd < 0 || ftruncate(fd, size)) {
		perror(path);
		_exit(99);
	}
	return fd;
}

static char *map(int fd, int pages, int prot)
{
	char *p = mmap(NULL, pages * PAGE, prot, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		_exit(98);
	}
	return p;
}

static int in_file(int fd, off_t at, const char *text)
{
	char buffer[64] = "";
	size_t n = strlen(text);

	return pread(fd, buffer, n, at) == (ssize_t)n && !memcmp(buffer, text, n);
}

static void put(int fd, off_t at, const char *text)
{
	if (pwrite(fd, text, strlen(text), at) != (ssize_t)strlen(text))
		_exit(97);
}

static void reads_and_writes(const char *path)
{
	int fd = new_file(path, 4 * PAGE), fds[2], n;
	volatile char *p = map(fd, 4, RW);
	char text[16] = "";
	pid_t child;

	strcpy((char *)p + 10, "mapped");
	ok(in_file(fd, 10, "mapped"), "read() sees what was written to memory");
	put(fd, 20, "written");
	ok(!strcmp((char *)p + 20, "written"), "memory sees what write() wrote");
	p[30] = 'x';
	put(fd, 31, "y");
	p[32] = 'z';
	ok(in_file(fd, 30, "xyz") && p[31] == 'y', "both, byte by byte");
	/* From the mapping into itself, and back. */
	strcpy((char *)p + 2 * PAGE, "from here");
	ok(pwrite(fd, (char *)p + 2 * PAGE, 9, 100) == 9 && !memcmp((char *)p + 100, "from here", 9),
	   "write() from the mapping to the file");
	p[200] = '1';
	ok(pread(fd, (char *)p + 3 * PAGE, 9, 100) == 9 && !memcmp((char *)p + 3 * PAGE, "from here", 9) &&
	   p[200] == '1', "read() from the file into the mapping");
	ok(in_file(fd, 3 * PAGE, "from here"), "which is the file");
	if (pipe(fds))
		_exit(99);
	strcpy((char *)p + 300, "spliced");
	{
		off_t at = 300;

		ok(sendfile(fds[1], fd, &at, 7) == 7 && read(fds[0], text, 7) == 7 && !strcmp(text, "spliced"),
		   "sendfile() reads what was written to memory");
	}
	child = fork();
	if (!child) {
		p[400] = 'c';
		put(fd, 401, "d");
		_exit(p[401] != 'd');
	}
	ok(ended(child) == 0 && p[400] == 'c' && p[401] == 'd', "a child does both");
	child = fork();
	if (!child) {
		/* Without the mapping. */
		munmap((char *)p, 4 * PAGE);
		if (read(fds[0], text, 1) != 1)
			_exit(2);
		n = !in_file(fd, 500, "e");
		put(fd, 501, "f");
		_exit(n);
	}
	p[500] = 'e';
	if (write(fds[1], "e", 1) != 1)
		_exit(99);
	ok(ended(child) == 0 && p[501] == 'f', "a process that does not map it");
	munmap((char *)p, 4 * PAGE);
	ok(in_file(fd, 400, "cd"), "the file has it all in the end");
	close(fd);
	close(fds[0]);
	close(fds[1]);
	unlink(path);
}

static void read_only(const char *path)
{
	int fd = new_file(path, PAGE), ro;
	volatile char *p;
	pid_t child;

	put(fd, 0, "one");
	ro = open(path, O_RDONLY);
	p = map(ro, 1, PROT_READ);
	ok(!strcmp((char *)p, "one"), "a mapping to read");
	put(fd, 0, "two");
	ok(!strcmp((char *)p, "two"), "sees a write()");
	child = fork();
	if (!child) {
		char *q;

		munmap((char *)p, PAGE);
		q = map(fd, 1, RW);
		strcpy(q, "six");
		_exit(0);
	}
	ok(ended(child) == 0 && !strcmp((char *)p, "six"), "and what another writes to its memory");
	ok(mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0) == MAP_FAILED && errno == EACCES, "O_RDONLY: not to write");
	ok(mprotect((char *)p, PAGE, RW) && errno == EACCES, "nor by mprotect()");
	munmap((char *)p, PAGE);
	close(ro);
	ro = open(path, O_WRONLY);
	ok(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, ro, 0) == MAP_FAILED && errno == EACCES, "O_WRONLY: not at all");
	close(ro);
	close(fd);
	unlink(path);
}

static void sizes(const char *path)
{
	int fd = new_file(path, 100);
	volatile char *p = map(fd, 4, RW);
	struct stat st;
	pid_t child;

	strcpy((char *)p + 90, "ninety");
	ok(!ftruncate(fd, 93) && !ftruncate(fd, PAGE) && !memcmp((char *)p + 90, "nin\0\0\0", 6),
	   "what is cut off within a page is zero");
	ok(!ftruncate(fd, 3 * PAGE), "a file grows under its mapping");
	strcpy((char *)p + 2 * PAGE, "new");
	ok(in_file(fd, 2 * PAGE, "new"), "the new page is shared");
	put(fd, 3 * PAGE + 5, "longer");
	ok(!memcmp((char *)p + 3 * PAGE + 5, "longer", 6), "so is one that write() adds");
	child = fork();
	if (!child) {
		if (ftruncate(fd, PAGE) || ftruncate(fd, 4 * PAGE))
			_exit(1);
		p[PAGE] = 'q';
		_exit(p[2 * PAGE] != 0);
	}
	ok(ended(child) == 0 && p[2 * PAGE] == 0 && p[PAGE] == 'q', "cut and grown again by another");
	strcpy((char *)p + 2 * PAGE, "again");
	ok(in_file(fd, 2 * PAGE, "again"), "and written to again");
	p[3 * PAGE + 200] = 'k';
	if (!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE + 100, 2 * PAGE))
		ok(p[PAGE] == 'q' && p[2 * PAGE] == 0 && p[3 * PAGE] == 0 && in_file(fd, 3 * PAGE + 200, "k"),
		   "a hole");
	else
		ok(errno == EOPNOTSUPP, "no holes here");
	p[2 * PAGE] = 'h';
	ok(in_file(fd, 2 * PAGE, "h"), "a hole is filled");
	ok(!fstat(fd, &st) && st.st_size == 4 * PAGE, "memory does not make a file longer");
	munmap((char *)p, 4 * PAGE);
	close(fd);
	unlink(path);
}

/* sqlite's WAL index: a file that grows by regions, guarded by locks of the file's bytes. */
static void wal_index(const char *path)
{
	enum { PROCESSES = 3, ROUNDS = 100, REGION = 8 * PAGE };
	int fd = new_file(path, 0);
	volatile int *first;
	int good = 1, status;

	for (int n = 0; n < PROCESSES; n++)
		if (!fork()) {
			struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 120, .l_len = 1 };
			volatile int *regions[3] = { NULL };

			fd = open(path, O_RDWR);
			for (int i = 0; i < ROUNDS; i++) {
				int r = i / 40;
				struct stat st;

				lock.l_type = F_WRLCK;
				if (fcntl(fd, F_SETLKW, &lock) || fstat(fd, &st))
					_exit(1);
				if (st.st_size < (r + 1) * REGION && ftruncate(fd, (r + 1) * REGION))
					_exit(2);
				if (!regions[r])
					regions[r] = mmap(NULL, REGION, RW, MAP_SHARED, fd, r * REGION);
				if (regions[r] == MAP_FAILED)
					_exit(3);
				regions[0][0]++;
				regions[r][1 + i % 40]++;
				if (i % 10 == n)
					sched_yield();
				regions[0][REGION / 4 - 1]++;
				lock.l_type = F_UNLCK;
				if (fcntl(fd, F_SETLK, &lock))
					_exit(4);
				if (i % 7 == n)
					sched_yield();
			}
			_exit(0);
		}
	while (wait(&status) > 0)
		good &= status == 0;
	first = (volatile int *)map(fd, REGION / PAGE, RW);
	ok(good && first[0] == PROCESSES * ROUNDS && first[REGION / 4 - 1] == PROCESSES * ROUNDS &&
	   first[1] == PROCESSES && first[40] == PROCESSES, "the index of a write-ahead log");
	munmap((char *)first, REGION);
	close(fd);
	unlink(path);
}

/* FAT counts seconds in twos, from 1980 on. */
#define LONG_AGO 1000000000

static int changed_since(int fd, time_t since)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_mtime > since && st.st_ctime > since;
}

/* Each with a mapping of its own: a Linux with an MMU notes the first write. */
static void times(const char *path)
{
	const struct timespec long_ago[2] = { { .tv_sec = LONG_AGO }, { .tv_sec = LONG_AGO } };
	int fd = new_file(path, PAGE);
	volatile char *p = map(fd, 1, RW);

	futimens(fd, long_ago);
	ok(p[0] == 0 && !msync((char *)p, PAGE, MS_SYNC) && !changed_since(fd, LONG_AGO), "who reads does not change a file's time");
	p[0] = 't';
	ok(!msync((char *)p, PAGE, MS_SYNC) && changed_since(fd, LONG_AGO), "who writes does, at the latest with msync");
	munmap((char *)p, PAGE);
	p = map(fd, 1, RW);
	futimens(fd, long_ago);
	p[0] = 'u';
	munmap((char *)p, PAGE);
	ok(changed_since(fd, LONG_AGO), "or munmap");
	close(fd);
}

static void all_kinds(const char *path)
{
	times(path);
	reads_and_writes(path);
	read_only(path);
	sizes(path);
	wal_index(path);
}

#ifdef __wasm__
static void run(const char *command)
{
	if (system(command)) {
		printf("# %s\n", command);
		_exit(96);
	}
}

/* What is on the disk is seen when it is mounted anew. */
static void disk(const char *make, const char *type)
{
	volatile char *p;
	pid_t child;
	int fd;

	run("mkdir -p /disk && truncate -s 8M /disk.img");
	run(make);
	if (mount("/dev/loop0", "/disk", type, 0, NULL)) {
		printf("# mount -t %s: %s\n", type, strerror(errno));
		_exit(95);
	}
	printf("# %s\n", type);
	all_kinds("/disk/file");
	fd = new_file("/disk/kept", 3 * PAGE);
	p = map(fd, 3, RW);
	p[0] = 's';
	ok(!msync((char *)p, 3 * PAGE, MS_SYNC), "msync");
	p[1] = 'f';
	ok(!fsync(fd), "fsync");
	child = fork();
	if (!child) {
		p[PAGE] = 'c';
		raise(SIGKILL);
	}
	ended(child);
	sync();
	p[2 * PAGE] = 'u';
	munmap((char *)p, 3 * PAGE);
	close(fd);
	ok(!umount("/disk") && !mount("/dev/loop0", "/disk", type, 0, NULL), "mounted again");
	fd = open("/disk/kept", O_RDONLY);
	ok(in_file(fd, 0, "sf") && in_file(fd, PAGE, "c") && in_file(fd, 2 * PAGE, "u"), "the disk has it all");
	close(fd);
	umount("/disk");
	run("losetup -d /dev/loop0");
}
#endif

int main(void)
{
	char folder[] = "/tmp/shared-XXXXXX", path[64];
	int zero, fds[2];
	volatile char *p;
	pid_t child;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/file", folder);
	all_kinds(path);
	rmdir(folder);

	zero = open("/dev/zero", O_RDWR);
	p = map(zero, 1, RW);
	child = fork();
	if (!child) {
		p[0] = 'z';
		_exit(0);
	}
	ok(ended(child) == 0 && p[0] == 'z', "/dev/zero shared is anonymous memory");
	ok(!pipe(fds) && mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fds[0], 0) == MAP_FAILED && errno == ENODEV,
	   "what has no pages is not mapped");
#ifdef __wasm__
	disk("losetup /dev/loop0 /disk.img && mke2fs -F /dev/loop0 >/dev/null 2>&1", "ext4");
	disk("losetup /dev/loop0 /disk.img && mkfs.vfat /dev/loop0 >/dev/null 2>&1", "vfat");
#endif
	return tap_done();
}
