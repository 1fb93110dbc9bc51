/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "words.h"

int memcmp(const void *left, const void *right, size_t n)
{
	const unsigned char *l = left, *r = right;

	for (; n >= sizeof(word); l += sizeof(word), r += sizeof(word), n -= sizeof(word)) {
		word a = *(const unaligned_word *)l, b = *(const unaligned_word *)r;
		if (a != b) {
			unsigned at = first_byte(a ^ b);
			return l[at] - r[at];
		}
	}
	for (; n; l++, r++, n--) if (*l != *r) return *l - *r;
	return 0;
}
