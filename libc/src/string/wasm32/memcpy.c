/* SPDX-License-Identifier: MIT */
/* memory.copy is the fastest way for long ones but leaves compiled code; the
 * short ones, which are most, are copied here. */
#include <string.h>
#include <stdint.h>

#define SHORT 32

typedef uint64_t __attribute__((__may_alias__, __aligned__(1))) word;

void *memcpy(void *restrict dest, const void *restrict src, size_t n)
{
	unsigned char *d = dest;
	const unsigned char *s = src;

	if (n > SHORT) return __builtin_memcpy(dest, src, n);
	for (; n >= sizeof(word); n -= sizeof(word)) {
		*(word *)d = *(const word *)s;
		d += sizeof(word);
		s += sizeof(word);
	}
	while (n--) *d++ = *s++;
	return dest;
}
