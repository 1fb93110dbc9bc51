/* SPDX-License-Identifier: MIT */
/* Strings eight bytes at a time.  A string may be read up to the next multiple
 * of eight behind its end: the memory ends at one.  Fewer rounds are also fewer
 * looks at the clock (src/wasm/safepoints.ts). */
#include <stdint.h>

typedef uint64_t __attribute__((__may_alias__)) word;
typedef uint64_t __attribute__((__may_alias__, __aligned__(1))) unaligned_word;

#define EACH_BYTE 0x0101010101010101ULL
#define IS_ALIGNED(p) (!((uintptr_t)(p) % sizeof(word)))

/* not 0 if a byte is; the lowest bit that is set is that of the first one */
static inline word zero_bytes(word w)
{
	return (w - EACH_BYTE) & ~w & EACH_BYTE << 7;
}

/* of what zero_bytes() has found: which byte it is */
static inline unsigned first_byte(word found)
{
	return __builtin_ctzll(found) / 8;
}
