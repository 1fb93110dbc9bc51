/* SPDX-License-Identifier: MIT */
/* memory.fill for long ones; see memcpy.c for why short ones are done here. */
#include <string.h>
#include <stdint.h>

#define SHORT 32

typedef uint64_t __attribute__((__may_alias__, __aligned__(1))) word;

void *memset(void *dest, int c, size_t n)
{
	unsigned char *d = dest;
	uint64_t pattern = (unsigned char)c * 0x0101010101010101ULL;

	if (n > SHORT) return __builtin_memset(dest, c, n);
	for (; n >= sizeof(word); n -= sizeof(word)) {
		*(word *)d = pattern;
		d += sizeof(word);
	}
	while (n--) *d++ = c;
	return dest;
}
