/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_STRING_H
#define _ASM_WASM_STRING_H

/* Single instructions: memory.copy and memory.fill, in lib/string.c. */
#define __HAVE_ARCH_MEMCPY
#define __HAVE_ARCH_MEMMOVE
#define __HAVE_ARCH_MEMSET
extern void *memcpy(void *to, const void *from, __kernel_size_t n);
extern void *memmove(void *to, const void *from, __kernel_size_t n);
extern void *memset(void *to, int c, __kernel_size_t n);

#endif
