/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "words.h"

int strcmp(const char *left, const char *right)
{
	const unsigned char *l = (const void *)left, *r = (const void *)right;

	if (((uintptr_t)l ^ (uintptr_t)r) % sizeof(word) == 0) {
		for (; !IS_ALIGNED(l); l++, r++) if (*l != *r || !*l) return *l - *r;
		for (;; l += sizeof(word), r += sizeof(word)) {
			word a = *(const word *)l, b = *(const word *)r;
			if (a != b || zero_bytes(a)) break;
		}
	}
	/* two at a time */
	for (;; l += 2, r += 2) {
		if (*l != *r || !*l) return *l - *r;
		if (l[1] != r[1] || !l[1]) return l[1] - r[1];
	}
}
