// SPDX-License-Identifier: MIT
/*
 * Random operations of four processes on one file that three of them map: two to write, one to read. They take turns, and each
 * carries out all operations on a copy of its own, which what it then reads is compared with. Arguments: seed, file. Passes on
 * native Linux too.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/falloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

#define PROCESSES 4
#define STEPS 10000
#define BYTES (16 * 4096u)
#define BLOCK 64u

static unsigned random_state = 1;
static int me, file;
static unsigned char *map;
/* What the file should be. */
static unsigned char model[BYTES];
static unsigned size = BYTES;

/* The same numbers in all processes. */
static unsigned random_number(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

static int maps_to_write(int process)
{
	return process < 2;
}

static void map_file(void)
{
	if (me == 3)
		return;
	map = mmap(NULL, BYTES, maps_to_write(me) ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, file, 0);
	EXPECT(map != MAP_FAILED);
}

static void check(unsigned at)
{
	unsigned char block[BLOCK];

	for (int i = 0; map && i < 40; i++) {
		unsigned place = (at + i * 1637) % size;

		EXPECT(map[place] == model[place]);
	}
	at %= size - BLOCK;
	EXPECT(pread(file, block, BLOCK, at) == BLOCK && !memcmp(block, model + at, BLOCK));
}

static void fill(unsigned at, unsigned n, int value, int in_memory)
{
	unsigned char bytes[512];

	if (in_memory) {
		memset(map + at, value, n);
		return;
	}
	memset(bytes, value, n);
	EXPECT(pwrite(file, bytes, n, at) == (ssize_t)n);
}

/* Between the file and the mapping of it: read() into memory, or write() from there. */
static void copy_block(unsigned to, unsigned from, int by_read)
{
	EXPECT(by_read ? pread(file, map + to, BLOCK, from) == BLOCK : pwrite(file, map + from, BLOCK, to) == BLOCK);
}

static void fill_in_child(unsigned at, unsigned n, int value)
{
	pid_t child = fork();

	EXPECT(child >= 0);
	if (!child) {
		fill(at, n, value, maps_to_write(me));
		if (value & 1)
			raise(SIGKILL);
		_exit(0);
	}
	EXPECT(waitpid(child, NULL, 0) == child);
}

static void move_mapping(void)
{
	void *place = mmap(NULL, BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	map = mremap(map, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, place);
	EXPECT(map == place);
}

/* One operation of process who: on the model, and, if it is ours, in fact. */
static void step(int who)
{
	unsigned kind = random_number() % 100, at = random_number() % BYTES, n = 1 + random_number() % 300;
	unsigned value = random_number(), other = random_number() % BYTES;
	int ours = who == me;

	n = at >= size ? 0 : at + n > size ? size - at : n;
	if (ours)
		check(other);
	other %= size - BLOCK;
	if (kind < 60) {
		if (ours)
			fill(at, n, value, maps_to_write(me) && kind < 40);
		memset(model + at, value, n);
	} else if (kind < 80) {
		if (maps_to_write(who) && at + BLOCK <= size && (at + BLOCK <= other || other + BLOCK <= at)) {
			if (ours)
				copy_block(at, other, kind < 70);
			memcpy(model + at, model + other, BLOCK);
		}
	} else if (kind < 88) {
		unsigned cut = kind < 84 ? 4096 + value % (BYTES - 4096) : BYTES;

		if (ours)
			EXPECT(!ftruncate(file, cut));
		if (cut < size)
			memset(model + cut, 0, size - cut);
		size = cut;
	} else if (kind < 90) {
		if (n && ours)
			EXPECT(!fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, n));
		memset(model + at, 0, n);
	} else if (kind < 92) {
		if (ours)
			fill_in_child(at, n, value);
		memset(model + at, value, n);
	} else if (ours && map && kind < 94) {
		EXPECT(!munmap(map, BYTES));
		map_file();
	} else if (ours && map && kind < 96) {
		move_mapping();
	} else if (ours && map && kind < 98) {
		EXPECT(!msync(map, BYTES, MS_SYNC));
	}
}

int main(int argc, char **argv)
{
	const char *path = argc > 2 ? argv[2] : "/dev/shm/random";
	int turns[PROCESSES][2], status;
	char token = 0;

	random_state = argc > 1 ? atoi(argv[1]) : 1;
	file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	EXPECT(file >= 0 && !ftruncate(file, BYTES));
	for (int i = 0; i < PROCESSES; i++)
		EXPECT(!pipe(turns[i]));
	for (int i = 1; i < PROCESSES && !me; i++)
		if (!fork())
			me = i;
	/* So that the next one sees the end of a process that fails. */
	for (int i = 0; i < PROCESSES; i++)
		if (i != (me + 1) % PROCESSES)
			close(turns[i][1]);
	map_file();
	for (int i = 0; i < STEPS; i++) {
		int who = i % PROCESSES;

		if (who == me && i)
			EXPECT(read(turns[me][0], &token, 1) == 1);
		step(who);
		if (who == me)
			EXPECT(write(turns[(me + 1) % PROCESSES][1], &token, 1) == 1);
	}
	for (int i = 1; !me && i < PROCESSES; i++)
		EXPECT(wait(&status) > 0 && status == 0);
	if (!me)
		unlink(path);
	return 0;
}
