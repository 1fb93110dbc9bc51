// SPDX-License-Identifier: GPL-2.0
/*
 * Access to user memory, which is another wasm memory: copies go through the
 * functions of the address space's shim, wasm to wasm. What may be accessed is
 * checked here; behind the memory the engine would trap.
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

/* A copy of n bytes is work: see wasm_spend_work(). */
static __always_inline void spend_copy(unsigned long n)
{
	if (n < SZ_1K)
		return;
	wasm_spend_work(n / SZ_1K);
}

/* How many of the n bytes at addr may be accessed. */
static __always_inline unsigned long span(mm_context_t *ctx, unsigned long addr,
					  unsigned long n, enum wasm_access access)
{
	if (likely(n <= ctx->reach && addr <= ctx->reach - n))
		return n;
	return wasm_accessible(container_of(ctx, struct mm_struct, context), addr, n, access);
}

/* A kernel thread without an address space reads and writes nothing. */
static __always_inline mm_context_t *current_context(void)
{
	static mm_context_t none;
	struct mm_struct *mm = current->mm;

	return likely(mm) ? &mm->context : &none;
}

static __always_inline unsigned long copy_from(mm_context_t *ctx, void *to,
					       unsigned long from, unsigned long n,
					       enum wasm_access access)
{
	unsigned long there = span(ctx, from, n, access);

	if (likely(there)) {
		shim_copy_from(ctx->space.shim, to, from, there);
		spend_copy(there);
	}
	return n - there;
}

static __always_inline unsigned long copy_to(mm_context_t *ctx, unsigned long to,
					     const void *from, unsigned long n,
					     enum wasm_access access)
{
	unsigned long there = span(ctx, to, n, access);

	if (likely(there)) {
		shim_copy_to(ctx->space.shim, to, from, there);
		spend_copy(there);
	}
	return n - there;
}

unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	return copy_from(current_context(), to, (unsigned long)from, n, WASM_READ);
}
EXPORT_SYMBOL(raw_copy_from_user);

unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	return copy_to(current_context(), (unsigned long)to, from, n, WASM_WRITE);
}
EXPORT_SYMBOL(raw_copy_to_user);

unsigned long wasm_copy_from_mm(struct mm_struct *mm, void *to, unsigned long from,
				unsigned long n, bool forced)
{
	return copy_from(&mm->context, to, from, n, forced ? WASM_FORCED_READ : WASM_READ);
}

unsigned long wasm_copy_to_mm(struct mm_struct *mm, unsigned long to, const void *from,
			      unsigned long n, bool forced)
{
	return copy_to(&mm->context, to, from, n, forced ? WASM_FORCED_WRITE : WASM_WRITE);
}

static bool is_memory(struct mm_struct *mm, unsigned long addr, unsigned long n)
{
	u32 size = mm->context.space.size;

	return n <= size && addr <= size - n;
}

int wasm_fetch(struct mm_struct *mm, void *to, unsigned long from, unsigned long n)
{
	if (!is_memory(mm, from, n))
		return -EFAULT;
	shim_copy_from(mm->context.space.shim, to, from, n);
	return 0;
}

int wasm_fill(struct mm_struct *mm, unsigned long to, const void *from, unsigned long n)
{
	if (!is_memory(mm, to, n))
		return -EFAULT;
	shim_copy_to(mm->context.space.shim, to, from, n);
	spend_copy(n);
	return 0;
}

int wasm_clear(struct mm_struct *mm, unsigned long to, unsigned long n)
{
	if (!is_memory(mm, to, n))
		return -EFAULT;
	shim_clear(mm->context.space.shim, to, n);
	spend_copy(n);
	return 0;
}

/* The word, or -EFAULT. */
s64 wasm_load_user32(const void __user *from)
{
	mm_context_t *ctx = current_context();

	if (unlikely(span(ctx, (unsigned long)from, sizeof(u32), WASM_READ) != sizeof(u32)))
		return -EFAULT;
	return shim_load32(ctx->space.shim, (unsigned long)from);
}
EXPORT_SYMBOL(wasm_load_user32);

int wasm_store_user32(void __user *to, u32 value)
{
	mm_context_t *ctx = current_context();

	if (unlikely(span(ctx, (unsigned long)to, sizeof(u32), WASM_WRITE) != sizeof(u32)))
		return -EFAULT;
	shim_store32(ctx->space.shim, (unsigned long)to, value);
	return 0;
}
EXPORT_SYMBOL(wasm_store_user32);

/* Bytes not cleared. */
unsigned long __clear_user(void __user *to, unsigned long n)
{
	mm_context_t *ctx = current_context();
	unsigned long there = span(ctx, (unsigned long)to, n, WASM_WRITE);

	if (there) {
		shim_clear(ctx->space.shim, (unsigned long)to, there);
		spend_copy(there);
	}
	return n - there;
}
EXPORT_SYMBOL(__clear_user);

/* The length without NUL; count when there is none in count bytes; or -EFAULT. */
long strncpy_from_user(char *dst, const char __user *src, long count)
{
	mm_context_t *ctx = current_context();
	unsigned long there, n;

	if (count <= 0)
		return 0;
	there = span(ctx, (unsigned long)src, count, WASM_READ);
	if (!there)
		return -EFAULT;
	n = shim_strncpy_from(ctx->space.shim, dst, (unsigned long)src, there);
	return n == there && there < count ? -EFAULT : n;
}
EXPORT_SYMBOL(strncpy_from_user);

/* The length with NUL; more than n when there is none in n bytes; 0: fault. */
long strnlen_user(const char __user *src, long n)
{
	mm_context_t *ctx = current_context();
	unsigned long there, len;

	if (n <= 0)
		return 0;
	there = span(ctx, (unsigned long)src, n, WASM_READ);
	if (!there)
		return 0;
	len = shim_strnlen(ctx->space.shim, (unsigned long)src, there);
	return len == there && there < n ? 0 : len + 1;
}
EXPORT_SYMBOL(strnlen_user);
