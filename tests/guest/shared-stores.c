// SPDX-License-Identifier: MIT
/*
 * Every way in which a process can write to shared memory, each in a child whose parent then looks: stores of each width, at
 * the edges of pages and of mappings, blocks, atomic operations, system calls, frames of threads and handlers whose stacks lie there.
 * Linked with marks of its stores (shared-stores.marked.wasm) none may be missing. Passes on native Linux too.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "tap.h"

#define PAGE 4096ul
#define CARD (4 * PAGE)
#define PAGES 64
#define BYTES (PAGES * PAGE)
#define RW (PROT_READ | PROT_WRITE)

static char *map;

/* What the compiler may not see through. */
static char *at(unsigned long offset)
{
	char *volatile p = map + offset;

	return p;
}

/* Lets a child do it; when all of its writes have been seen before, so that only new ones are looked for. */
static int in_child(void (*f)(void))
{
	pid_t child = fork();

	if (!child) {
		f();
		_exit(0);
	}
	return ended(child) == 0;
}

struct __attribute__((packed)) unaligned {
	uint64_t value;
};

static void widths(void)
{
	*(uint8_t *)at(CARD * 1) = 1;
	*(uint16_t *)at(CARD * 2) = 2;
	*(uint32_t *)at(CARD * 3) = 3;
	*(uint64_t *)at(CARD * 4) = 4;
	*(float *)at(CARD * 5) = 5;
	*(double *)at(CARD * 6) = 6;
	*(long double *)at(CARD * 7) = 7;
}

static void edges(void)
{
	*at(0) = 11;
	*at(CARD - 1) = 12;
	*at(BYTES - 1) = 13;
	/* Across a boundary: each of its parts. */
	((struct unaligned *)at(2 * CARD - 4))->value = 0x1414141414141414;
	((struct unaligned *)at(5 * CARD - 7))->value = 0x1515151515151515;
	/* From an address before to one behind. */
	at(7 * CARD - 8)[4079] = 16;
	at(8 * CARD - 8)[4095] = 17;
	at(9 * CARD - 8)[5000] = 18;
	at(11 * CARD - 8)[20000] = 19;
}

static void blocks(void)
{
	char source[5000];
	volatile size_t length = sizeof(source);

	memset(source, 21, sizeof(source));
	memcpy(at(CARD - 100), source, length);
	memset(at(3 * CARD - 100), 22, CARD + 200 + length - sizeof(source));
	memmove(at(6 * CARD), at(3 * CARD - 100), 3 * CARD * (length / 5000));
	strcpy(at(10 * CARD - 3), "twenty-three");
	snprintf(at(12 * CARD - 3), 20, "%zu", length);
}

static void atomics(void)
{
	atomic_fetch_add((_Atomic uint32_t *)at(CARD + 4), 31);
	atomic_exchange((_Atomic uint64_t *)at(3 * CARD + 8), 32);
	atomic_fetch_or((_Atomic uint8_t *)at(5 * CARD + 1), 33);
	uint16_t old = 0;
	atomic_compare_exchange_strong((_Atomic uint16_t *)at(7 * CARD + 2), &old, 34);
	atomic_store((_Atomic uint32_t *)at(9 * CARD + 4), 35);
}

static void calls(void)
{
	int pipes[2], zero = open("/dev/zero", O_RDONLY);
	struct iovec parts[2] = { { at(3 * CARD - 2), 4 }, { at(5 * CARD), 1 } };

	if (pipe(pipes) || write(pipes[1], "abcdefghij", 10) != 10)
		_exit(1);
	if (read(pipes[0], at(CARD - 2), 5) != 5 || readv(pipes[0], parts, 2) != 5)
		_exit(2);
	/* Over something else. */
	if (read(zero, at(7 * CARD - 2), 3 * CARD) != 3 * CARD || fstat(zero, (struct stat *)at(12 * CARD)))
		_exit(3);
	if (readlink("/proc/self/exe", at(13 * CARD - 2), 4) != 4 || !getcwd(at(14 * CARD), PAGE))
		_exit(4);
}

/* Ends the process. */
static void *frame(void *arg)
{
	volatile char here[64];

	memset((char *)here, 41, sizeof(here));
	for (int i = 0; i < 64; i++)
		here[i] += *(char *)arg;
	*(volatile uintptr_t *)arg = (uintptr_t)here;
	/* From within it, so that it stays as it is. */
	_exit(0);
}

static void stack_of_a_thread(void)
{
	pthread_t thread;
	pthread_attr_t attr;

	*at(0) = 1;
	pthread_attr_init(&attr);
	if (pthread_attr_setstack(&attr, at(8 * CARD), 6 * CARD) || pthread_create(&thread, &attr, frame, at(0)))
		_exit(1);
	pthread_join(thread, NULL);
}

static void handler(int signal)
{
	(void)signal;
	frame(at(0));
}

static void stack_of_a_handler(void)
{
	stack_t stack = { .ss_sp = at(4 * CARD), .ss_size = 4 * CARD };
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };

	*at(0) = 2;
	if (sigaltstack(&stack, NULL) || sigaction(SIGUSR1, &action, NULL))
		_exit(1);
	raise(SIGUSR1);
}

/* The frame whose address it has left. */
static int frame_is(int value)
{
	char *here = *(char **)map;

	if (here < map || here + 64 > map + BYTES)
		return 0;
	for (int i = 0; i < 64; i++)
		if (here[i] != value)
			return 0;
	return 1;
}

static int all(unsigned long from, unsigned long bytes, int value)
{
	for (unsigned long i = 0; i < bytes; i++)
		if (map[from + i] != value)
			return 0;
	return 1;
}

static void begin(void)
{
	map = mmap(NULL, BYTES, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		exit(1);
}

static void end(void)
{
	munmap(map, BYTES);
}

static void data(void)
{
	begin();
	ok(in_child(widths) && *(uint8_t *)at(CARD) == 1 && *(uint16_t *)at(2 * CARD) == 2 && *(uint32_t *)at(3 * CARD) == 3 &&
	   *(uint64_t *)at(4 * CARD) == 4 && *(float *)at(5 * CARD) == 5 && *(double *)at(6 * CARD) == 6 &&
	   *(long double *)at(7 * CARD) == 7, "stores of each width");
	ok(in_child(edges) && *at(0) == 11 && *at(CARD - 1) == 12 && *at(BYTES - 1) == 13 && all(2 * CARD - 4, 8, 0x14) &&
	   all(5 * CARD - 7, 8, 0x15) && *at(7 * CARD - 8 + 4079) == 16 && *at(8 * CARD - 8 + 4095) == 17 &&
	   *at(9 * CARD - 8 + 5000) == 18 && *at(11 * CARD - 8 + 20000) == 19, "at the edges");
	end();
	begin();
	ok(in_child(blocks) && all(CARD - 100, 5000, 21) && all(3 * CARD - 100, CARD + 200, 22) &&
	   all(6 * CARD, CARD + 200, 22) && !strcmp(at(10 * CARD - 3), "twenty-three") && !strcmp(at(12 * CARD - 3), "5000"),
	   "blocks");
	end();
	begin();
	ok(in_child(atomics) && *(uint32_t *)at(CARD + 4) == 31 && *(uint64_t *)at(3 * CARD + 8) == 32 && *at(5 * CARD + 1) == 33 &&
	   *(uint16_t *)at(7 * CARD + 2) == 34 && *(uint32_t *)at(9 * CARD + 4) == 35, "atomic operations");
	memset(at(6 * CARD), 9, 5 * CARD);
	ok(in_child(calls) && !memcmp(at(CARD - 2), "abcde", 5) && !memcmp(at(3 * CARD - 2), "fghi", 4) && *at(5 * CARD) == 'j' &&
	   all(7 * CARD - 2, 3 * CARD, 0) && S_ISCHR(((struct stat *)at(12 * CARD))->st_mode) &&
	   *at(13 * CARD - 2) == '/' && *at(13 * CARD + 1) && *at(14 * CARD) == '/', "system calls");
	end();
}

static void stacks(void)
{
	begin();
	ok(in_child(stack_of_a_thread) && frame_is(41 + 1), "the stack of a thread");
	end();
	begin();
	ok(in_child(stack_of_a_handler) && frame_is(41 + 2), "the stack of a signal handler");
	end();
}

static char *neighbours[3];

static void write_to_neighbours(void)
{
	for (int i = 0; i < 3; i++) {
		*(char *volatile)neighbours[i] += 1 + i;
		*(char *volatile)(neighbours[i] + PAGE - 1) += 1 + i;
	}
	((struct unaligned *)(neighbours[1] + PAGE - 4))->value = 0x7777777777777777;
}

/* Mappings of single pages side by side, of three objects. */
static void neighbouring_mappings(void)
{
	char *room = mmap(NULL, CARD, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int good = 1;

	for (int i = 0; i < 3; i++) {
		int fd = memfd_create("n", 0);

		neighbours[i] = room + i * PAGE;
		if (ftruncate(fd, PAGE) || mmap(neighbours[i], PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0) != neighbours[i])
			exit(1);
		close(fd);
	}
	/* More than once: what one has seen of the marks the other must see too. */
	for (int round = 1; round <= 3; round++) {
		good &= in_child(write_to_neighbours);
		for (int i = 0; i < 3; i++)
			good &= neighbours[i][i == 2 ? 8 : 0] == (i == 2 ? 0 : round * (1 + i));
		good &= neighbours[1][PAGE - 4] == 0x77 && neighbours[2][3] == 0x77 && neighbours[2][PAGE - 1] == 3 * round;
	}
	ok(good, "mappings side by side");
	munmap(room, CARD);
}

static void write_by_mapping(void)
{
	*at(3 * CARD) = 61;
	if (mremap(map, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, map + 2 * BYTES) != map + 2 * BYTES)
		_exit(1);
	*at(2 * BYTES + 5 * CARD) = 62;
	if (mprotect(map + 2 * BYTES, BYTES, PROT_READ) || mprotect(map + 2 * BYTES + CARD, CARD, RW))
		_exit(2);
	*at(2 * BYTES + CARD + 1) = 63;
	if (munmap(map + 2 * BYTES, CARD) || munmap(map + 2 * BYTES + 8 * CARD, CARD))
		_exit(3);
	*at(2 * BYTES + 2 * CARD - 1) = 64;
}

static void moved(void)
{
	char *room = mmap(NULL, 3 * BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	map = mmap(room, BYTES, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ok(map == room && in_child(write_by_mapping) && *at(3 * CARD) == 61 && *at(5 * CARD) == 62 && *at(CARD + 1) == 63 &&
	   *at(2 * CARD - 1) == 64, "a mapping that is moved, protected and cut");
	munmap(room, 3 * BYTES);
}

/* Two that write in turn, each where the other did not. */
static void in_turn(void)
{
	int there[2], back[2], good = 1;
	pid_t child;
	char byte;

	begin();
	if (pipe(there) || pipe(back))
		exit(1);
	child = fork();
	for (unsigned i = 0; i < 2000; i++) {
		unsigned long place = i * 7919u % BYTES;

		if (child) {
			*at(place) += 1;
			good &= write(there[1], "", 1) == 1 && read(back[0], &byte, 1) == 1;
			good &= *at((place + 1) % BYTES) == *at(place);
		} else {
			good &= read(there[0], &byte, 1) == 1;
			*at((place + 1) % BYTES) = *at(place);
			good &= write(back[1], "", 1) == 1;
		}
	}
	if (!child)
		_exit(!good);
	ok(ended(child) == 0 && good, "two in turn");
	end();
}

int main(void)
{
	data();
	stacks();
	neighbouring_mappings();
	moved();
	in_turn();
	return tap_done();
}
