/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "words.h"

char *__strchrnul(const char *s, int c)
{
	unsigned char wanted = c;
	word pattern = wanted * EACH_BYTE, found;

	for (; !IS_ALIGNED(s); s++) if (!*s || *(unsigned char *)s == wanted) return (char *)s;
	for (;; s += sizeof(word)) {
		word w = *(const word *)s;
		/* a byte above the first one may be found wrongly, which changes nothing */
		if ((found = zero_bytes(w) | zero_bytes(w ^ pattern))) break;
	}
	return (char *)s + first_byte(found);
}

weak_alias(__strchrnul, strchrnul);
