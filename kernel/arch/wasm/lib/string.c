// SPDX-License-Identifier: GPL-2.0
/*
 * memcpy(), memmove() and memset() as the instructions memory.copy and
 * memory.fill, which engines make as fast as the machine's own libc.
 */
#include <linux/export.h>
#include <linux/string.h>

#undef memcpy
#undef memmove
#undef memset

/* The builtins would call these functions where n isn't a constant. */
void *memmove(void *to, const void *from, __kernel_size_t n)
{
	asm volatile("local.get %0\n"
		     "local.get %1\n"
		     "local.get %2\n"
		     "memory.copy 0, 0" : : "r"(to), "r"(from), "r"(n) : "memory");
	return to;
}
EXPORT_SYMBOL(memmove);

void *memcpy(void *to, const void *from, __kernel_size_t n)
{
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
