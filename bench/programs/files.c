// SPDX-License-Identifier: MIT
/* Files of a tmpfs: made, written, read, copied, listed, walked, mapped. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bench.h"

#define MIB (1 << 20)
#define COPY_SIZE (64 * MIB)
#define BLOCK 65536
#define LISTED 1000
/* A tree of so many folders in so many folders with so many files each. */
#define BRANCHES 10

static char buffer[MIB];

static int open_or_fail(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd < 0)
		fail(path);
	return fd;
}

static void write_all(int fd, const char *bytes, size_t size)
{
	if (write(fd, bytes, size) != (ssize_t)size)
		fail("write");
}

static void make_file(const char *path, size_t size)
{
	int fd = open_or_fail(path, O_CREAT | O_WRONLY | O_TRUNC);

	for (size_t done = 0; done < size; done += MIB)
		write_all(fd, buffer, MIB);
	close(fd);
}

static void run_create_unlink(long n)
{
	timer_start();
	while (n--) {
		close(open_or_fail("new", O_CREAT | O_EXCL | O_WRONLY));
		if (unlink("new"))
			fail("unlink");
	}
	timer_stop();
}

static void run_write(long n)
{
	timer_start();
	while (n--)
		make_file("mib", MIB);
	timer_stop();
	unlink("mib");
}

static void run_read(long n)
{
	make_file("mib", MIB);
	timer_start();
	while (n--) {
		int fd = open_or_fail("mib", O_RDONLY);

		if (read(fd, buffer, MIB) != MIB)
			fail("read");
		close(fd);
	}
	timer_stop();
	unlink("mib");
}

static void run_copy(long n)
{
	make_file("from", COPY_SIZE);
	timer_start();
	while (n--) {
		int from = open_or_fail("from", O_RDONLY);
		int to = open_or_fail("to", O_CREAT | O_WRONLY | O_TRUNC);
		ssize_t count;

		while ((count = read(from, buffer, BLOCK)) > 0)
			write_all(to, buffer, count);
		close(from);
		close(to);
		unlink("to");
	}
	timer_stop();
	unlink("from");
}

static void run_readdir(long n)
{
	char path[64];

	mkdir("listed", 0700);
	for (int i = 0; i < LISTED; i++) {
		snprintf(path, sizeof(path), "listed/a file with the number %d", i);
		close(open_or_fail(path, O_CREAT | O_WRONLY));
	}
	timer_start();
	while (n--) {
		DIR *dir = opendir("listed");
		int count = 0;

		while (dir && readdir(dir))
			count++;
		if (count != LISTED + 2)
			fail("readdir");
		closedir(dir);
	}
	timer_stop();
	for (int i = 0; i < LISTED; i++) {
		snprintf(path, sizeof(path), "listed/a file with the number %d", i);
		unlink(path);
	}
	rmdir("listed");
}

/* Does to each place of the tree what `leaf` does to files, folders being made before and removed after what is in them. */
static void for_tree(void (*folder_before)(const char *), void (*leaf)(const char *), void (*folder_after)(const char *))
{
	char path[64];

	folder_before("tree");
	for (int i = 0; i < BRANCHES * BRANCHES * BRANCHES; i++) {
		int file = i % BRANCHES, inner = i / BRANCHES % BRANCHES, outer = i / BRANCHES / BRANCHES;

		if (inner == 0 && file == 0) {
			snprintf(path, sizeof(path), "tree/%d", outer);
			folder_before(path);
		}
		if (file == 0) {
			snprintf(path, sizeof(path), "tree/%d/%d", outer, inner);
			folder_before(path);
		}
		snprintf(path, sizeof(path), "tree/%d/%d/%d", outer, inner, file);
		leaf(path);
		if (file == BRANCHES - 1) {
			snprintf(path, sizeof(path), "tree/%d/%d", outer, inner);
			folder_after(path);
		}
		if (inner == BRANCHES - 1 && file == BRANCHES - 1) {
			snprintf(path, sizeof(path), "tree/%d", outer);
			folder_after(path);
		}
	}
	folder_after("tree");
}

static void make_folder(const char *path)
{
	if (mkdir(path, 0700))
		fail(path);
}

static void make_empty(const char *path)
{
	close(open_or_fail(path, O_CREAT | O_WRONLY));
}

static void remove_folder(const char *path)
{
	rmdir(path);
}

static void remove_file(const char *path)
{
	unlink(path);
}

static void ignore(const char *path)
{
	(void)path;
}

/* As find(1) does: lstat of all that a folder lists, and into the folders. */
static int walk(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 1;

	if (!dir)
		fail(path);
	while ((entry = readdir(dir))) {
		char below[256];
		struct stat st;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		if (lstat(below, &st))
			fail(below);
		count += S_ISDIR(st.st_mode) ? walk(below) : 1;
	}
	closedir(dir);
	return count;
}

static void run_walk(long n)
{
	for_tree(make_folder, make_empty, ignore);
	timer_start();
	while (n--)
		if (walk("tree") != 1 + BRANCHES + BRANCHES * BRANCHES + BRANCHES * BRANCHES * BRANCHES)
			fail("walk");
	timer_stop();
	for_tree(ignore, remove_file, remove_folder);
}

static void run_mapped(long n)
{
	make_file("mib", MIB);
	int fd = open_or_fail("mib", O_RDONLY);

	timer_start();
	while (n--) {
		uint64_t *words = mmap(NULL, MIB, PROT_READ, MAP_PRIVATE, fd, 0), sum = 0;

		if (words == MAP_FAILED)
			fail("mmap");
		for (size_t i = 0; i < MIB / sizeof(*words); i++)
			sum += words[i];
		keep(&sum);
		munmap(words, MIB);
	}
	timer_stop();
	close(fd);
	unlink("mib");
}

const struct row rows[] = {
	{ "create + unlink", run_create_unlink },
	{ "write a file of 1 MiB", run_write },
	{ "read a file of 1 MiB", run_read },
	{ "copy a file of 64 MiB", run_copy },
	{ "readdir of 1000 files", run_readdir },
	{ "walk a tree of 1111 places", run_walk },
	{ "map and read a file of 1 MiB", run_mapped },
	{ NULL, NULL },
};
