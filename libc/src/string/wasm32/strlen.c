/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "words.h"

size_t strlen(const char *s)
{
	const char *p = s;
	word found;

	for (; !IS_ALIGNED(p); p++) if (!*p) return p - s;
	while (!(found = zero_bytes(*(const word *)p))) p += sizeof(word);
	return p - s + first_byte(found);
}
