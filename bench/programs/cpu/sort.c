// SPDX-License-Identifier: MIT
/*
 * Calls through a pointer: a million numbers sorted with a comparison function, as by qsort. A sort of our own, because what two
 * libcs have under that name differs (glibc merges, musl's is a smoothsort).
 */
#include <stddef.h>
#include "kernels.h"

#define COUNT 1000000

static uint32_t numbers[COUNT];

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static inline void swap(uint32_t *a, uint32_t *b)
{
	uint32_t old = *a;

	*a = *b;
	*b = old;
}

/* Hoare's quicksort with the middle as pivot, recursing into the smaller part; short parts by insertion. */
static void quicksort(uint32_t *base, size_t count, int (*volatile *order)(const void *, const void *))
{
	while (count > 16) {
		uint32_t pivot = base[count / 2], *left = base, *right = base + count - 1;

		while (left <= right) {
			while ((*order)(left, &pivot) < 0)
				left++;
			while ((*order)(right, &pivot) > 0)
				right--;
			if (left <= right)
				swap(left++, right--);
		}
		size_t below = right - base + 1, above = base + count - left;

		if (below < above) {
			quicksort(base, below, order);
			base = left;
			count = above;
		} else {
			quicksort(left, above, order);
			count = below;
		}
	}
	for (size_t i = 1; i < count; i++)
		for (size_t j = i; j > 0 && (*order)(base + j - 1, base + j) > 0; j--)
			swap(base + j - 1, base + j);
}

uint64_t sort_1m(void)
{
	/* Volatile, so that no compiler sees which function it is and puts it in place. */
	static int (*volatile order)(const void *, const void *) = compare;
	uint32_t state = 1;
	uint64_t sum = 0;

	for (size_t i = 0; i < COUNT; i++)
		numbers[i] = state = state * 1664525 + 1013904223;
	quicksort(numbers, COUNT, &order);
	for (size_t i = 0; i < COUNT; i += 1000)
		sum = sum * 31 + numbers[i];
	return sum;
}
