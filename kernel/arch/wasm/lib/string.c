// SPDX-License-Identifier: GPL-2.0
/*
 * memcpy(), memmove() and memset() as the instructions memory.copy and
 * memory.fill, which engines make as fast as the machine's own libc. But they
 * call it (some 10 ns), so what is small is copied here.
 */
#include <linux/export.h>
#include <linux/string.h>

#undef memcpy
#undef memmove
#undef memset

#define SMALL	32

typedef u64 __attribute__((aligned(1), may_alias)) any_u64;
typedef u32 __attribute__((aligned(1), may_alias)) any_u32;

/*
 * From both ends, overlapping in the middle. All is loaded before anything is
 * stored, so memmove() may do so too.
 */
static __always_inline void copy_small(u8 *to, const u8 *from, __kernel_size_t n)
{
	if (n >= 8) {
		u64 first = *(any_u64 *)from, last = *(any_u64 *)(from + n - 8);

		if (n > 16) {
			u64 second = *(any_u64 *)(from + 8);
			u64 third = *(any_u64 *)(from + n - 16);

			*(any_u64 *)(to + 8) = second;
			*(any_u64 *)(to + n - 16) = third;
		}
		*(any_u64 *)to = first;
		*(any_u64 *)(to + n - 8) = last;
	} else if (n >= 4) {
		u32 first = *(any_u32 *)from, last = *(any_u32 *)(from + n - 4);

		*(any_u32 *)to = first;
		*(any_u32 *)(to + n - 4) = last;
	} else if (n) {
		u8 first = from[0], middle = from[n >> 1], last = from[n - 1];

		to[0] = first;
		to[n >> 1] = middle;
		to[n - 1] = last;
	}
}

/* The builtins would call these functions where n isn't a constant. */
void *memmove(void *to, const void *from, __kernel_size_t n)
{
	if (n <= SMALL) {
		copy_small(to, from, n);
		return to;
	}
	asm volatile("local.get %0\n"
		     "local.get %1\n"
		     "local.get %2\n"
		     "memory.copy 0, 0" : : "r"(to), "r"(from), "r"(n) : "memory");
	return to;
}
EXPORT_SYMBOL(memmove);

void *memcpy(void *to, const void *from, __kernel_size_t n)
{
	if (n <= SMALL) {
		copy_small(to, from, n);
		return to;
	}
	asm volatile("local.get %0\n"
		     "local.get %1\n"
		     "local.get %2\n"
		     "memory.copy 0, 0" : : "r"(to), "r"(from), "r"(n) : "memory");
	return to;
}
EXPORT_SYMBOL(memcpy);

void *memset(void *to, int c, __kernel_size_t n)
{
	asm volatile("local.get %0\n"
		     "local.get %1\n"
		     "local.get %2\n"
		     "memory.fill 0" : : "r"(to), "r"(c), "r"(n) : "memory");
	return to;
}
EXPORT_SYMBOL(memset);
