// SPDX-License-Identifier: MIT
/* Memory of one process: libc's allocator, copies, and pages that are touched for the first time. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "bench.h"

#define MIB (1 << 20)
#define LARGE (64 * MIB)
#define MAPPED (16 * MIB)
#define PAGE 4096
#define LIVE 1024

static uint32_t random_state = 1;

/* Numerical Recipes' generator: the same numbers on both sides. */
static uint32_t random_number(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

static void run_malloc_pair(long n)
{
	timer_start();
	while (n--) {
		void *block = malloc(64);

		keep(block);
		free(block);
	}
	timer_stop();
}

/* Of LIVE blocks a random one is freed and replaced by one of a random size up to 1 KiB. */
static void run_malloc_mixed(long n)
{
	static void *live[LIVE];

	random_state = 1;
	timer_start();
	while (n--) {
		uint32_t r = random_number();
		void **place = &live[r % LIVE];

		free(*place);
		*place = malloc(16 + (r / LIVE) % 1009);
		keep(*place);
	}
	timer_stop();
	for (int i = 0; i < LIVE; i++) {
		free(live[i]);
		live[i] = NULL;
	}
}

static void run_malloc_large(long n)
{
	timer_start();
	while (n--) {
		char *block = malloc(MIB);

		if (!block)
			fail("malloc");
		block[0] = 1;
		keep(block);
		free(block);
	}
	timer_stop();
}

static void run_realloc(long n)
{
	timer_start();
	while (n--) {
		char *block = NULL;

		for (size_t size = 16; size <= MIB; size *= 2) {
			block = realloc(block, size);
			if (!block)
				fail("realloc");
			block[size - 1] = 1;
			keep(block);
		}
		free(block);
	}
	timer_stop();
}

static void run_memcpy(long n)
{
	static char *from, *to;

	if (!from) {
		from = malloc(LARGE);
		to = malloc(LARGE);
		if (!from || !to)
			fail("malloc");
		memset(from, 1, LARGE);
		memset(to, 2, LARGE);
	}
	timer_start();
	while (n--) {
		memcpy(to, from, LARGE);
		keep(to);
	}
	timer_stop();
}

static void run_touch(long n)
{
	timer_start();
	while (n--) {
		char *map = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (map == MAP_FAILED)
			fail("mmap");
		for (size_t i = 0; i < MAPPED; i += PAGE)
			map[i] = 1;
		keep(map);
		munmap(map, MAPPED);
	}
	timer_stop();
}

const struct row rows[] = {
	{ "malloc + free of 64 B", run_malloc_pair },
	{ "malloc + free, mixed sizes", run_malloc_mixed },
	{ "malloc + free of 1 MiB", run_malloc_large },
	{ "realloc from 16 B to 1 MiB", run_realloc },
	{ "memcpy of 64 MiB", run_memcpy },
	{ "map 16 MiB, touch each page", run_touch },
	{ NULL, NULL },
};
