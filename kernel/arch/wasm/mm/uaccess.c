// SPDX-License-Identifier: GPL-2.0
/*
 * Access to user memory, which is another wasm memory: copies go through the
 * functions of the address space's shim, wasm to wasm. The bounds are checked
 * here, against the size that the kernel knows; behind it the engine would trap.
 *
 * Hot: a copy costs about 5 ns beside the bytes.
 */
#include <linux/export.h>
#include <linux/mm_types.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/mmu_context.h>

/* A copy of n bytes is work: see wasm_spend() and wasm_just_entered. */
static __always_inline void spend_copy(unsigned long n)
{
	if (n < SZ_1K)
		return;
	wasm_just_entered = false;
	wasm_spend(n / SZ_1K);
}

/* A program without our libc may have grown its memory itself: look again. */
static noinline unsigned long span_beyond(struct host_space *space,
					  unsigned long addr, unsigned long n)
{
	u32 size;

	if (!space->id)
		return 0;
	size = shim_memory_size(space->shim);
	if (size > space->size)
		wasm_space_noticed(container_of(space, struct mm_struct, context.space), size);
	return addr < space->size ? min(n, space->size - addr) : 0;
}

/* How many of the n bytes at addr are memory. */
static __always_inline unsigned long span(struct host_space *space,
					  unsigned long addr, unsigned long n)
{
	if (likely(n <= space->size && addr <= space->size - n))
		return n;
	return span_beyond(space, addr, n);
}

/* A kernel thread without an address space reads and writes nothing. */
static __always_inline struct host_space *current_space(void)
{
	static struct host_space none;
	struct mm_struct *mm = current->mm;

	return likely(mm) ? &mm->context.space : &none;
}

static __always_inline unsigned long copy_from(struct host_space *space, void *to,
					       unsigned long from, unsigned long n)
{
	unsigned long there = span(space, from, n);

	if (likely(there)) {
		shim_copy_from(space->shim, to, from, there);
		spend_copy(there);
	}
	return n - there;
}

static __always_inline unsigned long copy_to(struct host_space *space, unsigned long to,
					     const void *from, unsigned long n)
{
	unsigned long there = span(space, to, n);

	if (likely(there)) {
		shim_copy_to(space->shim, to, from, there);
		spend_copy(there);
	}
	return n - there;
}

unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	return copy_from(current_space(), to, (unsigned long)from, n);
}
EXPORT_SYMBOL(raw_copy_from_user);

unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	return copy_to(current_space(), (unsigned long)to, from, n);
}
EXPORT_SYMBOL(raw_copy_to_user);

unsigned long wasm_copy_from_mm(struct mm_struct *mm, void *to, unsigned long from,
				unsigned long n)
{
	return copy_from(&mm->context.space, to, from, n);
}

unsigned long wasm_copy_to_mm(struct mm_struct *mm, unsigned long to, const void *from,
			      unsigned long n)
{
	return copy_to(&mm->context.space, to, from, n);
}

/* The word, or -EFAULT. */
s64 wasm_load_user32(const void __user *from)
{
	struct host_space *space = current_space();

	if (unlikely(span(space, (unsigned long)from, sizeof(u32)) != sizeof(u32)))
		return -EFAULT;
	return shim_load32(space->shim, (unsigned long)from);
}
EXPORT_SYMBOL(wasm_load_user32);

int wasm_store_user32(void __user *to, u32 value)
{
	struct host_space *space = current_space();

	if (unlikely(span(space, (unsigned long)to, sizeof(u32)) != sizeof(u32)))
		return -EFAULT;
	shim_store32(space->shim, (unsigned long)to, value);
	return 0;
}
EXPORT_SYMBOL(wasm_store_user32);

/* Bytes not cleared. */
unsigned long __clear_user(void __user *to, unsigned long n)
{
	struct host_space *space = current_space();
	unsigned long there = span(space, (unsigned long)to, n);

	if (there) {
		shim_clear(space->shim, (unsigned long)to, there);
		spend_copy(there);
	}
	return n - there;
}
EXPORT_SYMBOL(__clear_user);

/* The length without NUL; count when there is none in count bytes; or -EFAULT. */
long strncpy_from_user(char *dst, const char __user *src, long count)
{
	struct host_space *space = current_space();
	unsigned long there, n;

	if (count <= 0)
		return 0;
	there = span(space, (unsigned long)src, count);
	if (!there)
		return -EFAULT;
	n = shim_strncpy_from(space->shim, dst, (unsigned long)src, there);
	return n == there && there < count ? -EFAULT : n;
}
EXPORT_SYMBOL(strncpy_from_user);

/* The length with NUL; more than n when there is none in n bytes; 0: fault. */
long strnlen_user(const char __user *src, long n)
{
	struct host_space *space = current_space();
	unsigned long there, len;

	if (n <= 0)
		return 0;
	there = span(space, (unsigned long)src, n);
	if (!there)
		return 0;
	len = shim_strnlen(space->shim, (unsigned long)src, there);
	return len == there && there < n ? 0 : len + 1;
}
EXPORT_SYMBOL(strnlen_user);
