/* SPDX-License-Identifier: MIT */
/* memory.copy takes overlapping ranges; see memcpy.c for the short ones. */
#include <string.h>
#include <stdint.h>

#define SHORT 32

void *memmove(void *dest, const void *src, size_t n)
{
	unsigned char *d = dest;
	const unsigned char *s = src;

	if (n > SHORT) return __builtin_memmove(dest, src, n);
	if ((uintptr_t)d - (uintptr_t)s >= n) return memcpy(dest, src, n);
	while (n--) d[n] = s[n];
	return dest;
}
