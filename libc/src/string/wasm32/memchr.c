/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "words.h"

void *memchr(const void *src, int c, size_t n)
{
	const unsigned char *s = src;
	unsigned char wanted = c;
	word pattern = wanted * EACH_BYTE, found;

	for (; n && !IS_ALIGNED(s); s++, n--) if (*s == wanted) return (void *)s;
	for (; n >= sizeof(word); s += sizeof(word), n -= sizeof(word))
		if ((found = zero_bytes(*(const word *)s ^ pattern))) return (void *)(s + first_byte(found));
	for (; n; s++, n--) if (*s == wanted) return (void *)s;
	return 0;
}
