/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_UACCESS_H
#define _ASM_WASM_UACCESS_H
/*
 * User memory is another wasm memory: mm/uaccess.c copies through the address
 * space's shim. Kernel memory is never at a user address.
 */
#include <linux/string.h>
#include <linux/unaligned.h>

unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long n);
s64 wasm_load_user32(const void __user *from);
int wasm_store_user32(void __user *to, u32 value);

unsigned long __clear_user(void __user *to, unsigned long n);
#define __clear_user __clear_user
long strncpy_from_user(char *dst, const char __user *src, long count);
long strnlen_user(const char __user *src, long n);

/* get_user(), put_user(): size is a constant. A word goes without memory copy. */
#define __get_user_fn __get_user_fn
static __always_inline int __get_user_fn(size_t size, const void __user *from, void *to)
{
	if (size == sizeof(u32)) {
		s64 value = wasm_load_user32(from);

		if (value < 0)
			return -EFAULT;
		*(u32 *)to = value;
		return 0;
	}
	return raw_copy_from_user(to, from, size) ? -EFAULT : 0;
}

#define __put_user_fn __put_user_fn
static __always_inline int __put_user_fn(size_t size, void __user *to, void *from)
{
	if (size == sizeof(u32))
		return wasm_store_user32(to, *(u32 *)from);
	return raw_copy_to_user(to, from, size) ? -EFAULT : 0;
}

/* Any address below memory_end may be read, others trap; callers know. */
#define __get_kernel_nofault(dst, src, type, err_label)			\
do {									\
	if (!virt_addr_valid(src))					\
		goto err_label;						\
	*(type *)(dst) = get_unaligned((type *)(src));			\
} while (0)

#define __put_kernel_nofault(dst, src, type, err_label)			\
do {									\
	if (!virt_addr_valid(dst))					\
		goto err_label;						\
	put_unaligned(*(type *)(src), (type *)(dst));			\
} while (0)

#include <asm-generic/uaccess.h>

#endif
