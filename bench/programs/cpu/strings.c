// SPDX-License-Identifier: MIT
/* The string functions of libc on strings of 16 bytes to 4 KiB: here the two libcs differ, and that is counted. */
#include <string.h>
#include "kernels.h"

#define LONGEST 4096

uint64_t strings(void)
{
	static char from[LONGEST + 1], to[LONGEST + 1];
	uint64_t sum = 0;

	for (int i = 0; i < LONGEST; i++)
		from[i] = 'a' + i % 25;
	for (int round = 0; round < 20; round++)
		for (size_t length = 16; length <= LONGEST; length += length / 2) {
			from[length] = 0;
			memcpy(to, from, length + 1);
			sum += strlen(to);
			sum += strchr(to, 'z') == NULL;
			sum += memcmp(from, to, length + 1) == 0;
			sum += strcmp(from, to) == 0;
			from[length] = 'a' + length % 25;
		}
	return sum;
}
