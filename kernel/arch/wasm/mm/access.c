// SPDX-License-Identifier: GPL-2.0
/*
 * Which user memory the kernel's own accesses may touch: what is mapped, with the
 * protection that it has. The engine enforces none of that on a program's loads
 * and stores; here write(2) from PROT_NONE, or read(2) into a hole, is EFAULT.
 *
 * Most accesses compare with context.reach only (mm/uaccess.c). The others come
 * here, and most of these find their mapping in context.run. Mappings change
 * without sleeping, and on one CPU: no lock is needed to look at them.
 */
#include <linux/mm.h>
#include <asm/host.h>
#include <asm/mmu_context.h>
#include <asm/shared.h>

/* Mappings that one run may have: to find a run shall take no time. */
#define MOST_MAPPINGS	8

/* Makes context.run the mapping at addr, with writable ones behind it if it is. */
static bool find_run(struct mm_struct *mm, unsigned long addr)
{
	mm_context_t *ctx = &mm->context;
	MA_STATE(mas, &mm->mm_mt, addr, addr);
	struct vm_area_struct *vma;

	rcu_read_lock();
	vma = mas_walk(&mas);
	rcu_read_unlock();
	/* A program that grows its memory itself has no mappings there. */
	if (!vma && ctx->grows_itself) {
		ctx->run.start = mas.index;
		ctx->run.end = mas.last == ULONG_MAX ? ULONG_MAX : mas.last + 1;
		ctx->run.write = true;
		return true;
	}
	if (!vma || !vma_is_accessible(vma))
		return false;
	ctx->run.start = vma->vm_start;
	ctx->run.end = vma->vm_end;
	ctx->run.write = vma->vm_flags & VM_WRITE;
	for (int i = 1; ctx->run.write && i < MOST_MAPPINGS; i++) {
		vma = vma_lookup(mm, ctx->run.end);
		if (!vma || !(vma->vm_flags & VM_WRITE))
			break;
		ctx->run.end = vma->vm_end;
	}
	return true;
}

static void find_open(struct mm_struct *mm)
{
	mm_context_t *ctx = &mm->context;

	ctx->run.end = 0;
	ctx->open = find_run(mm, 0) && ctx->run.write ? ctx->run.end : 0;
	ctx->remapped = false;
	wasm_update_reach(mm);
}

/* Where what may be accessed from addr on ends: addr, if that may not be. */
static unsigned long run_end(struct mm_struct *mm, unsigned long addr, bool write)
{
	mm_context_t *ctx = &mm->context;

	if ((addr < ctx->run.start || addr >= ctx->run.end) && !find_run(mm, addr))
		return addr;
	return write && !ctx->run.write ? addr : ctx->run.end;
}

/* The same for a debugger, who may read what the program could make readable, and write to its copies. */
static unsigned long forced_end(struct mm_struct *mm, unsigned long addr, bool write)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);

	if (!vma)
		return run_end(mm, addr, write);
	if (write ? vma->vm_flags & VM_WRITE || is_cow_mapping(vma->vm_flags) :
		    vma->vm_flags & VM_MAYREAD)
		return vma->vm_end;
	return addr;
}

unsigned long wasm_accessible(struct mm_struct *mm, unsigned long addr, unsigned long n,
			      enum wasm_access access)
{
	bool write = access == WASM_WRITE || access == WASM_FORCED_WRITE;
	bool forced = access >= WASM_FORCED_READ;
	mm_context_t *ctx = &mm->context;
	unsigned long at = addr, end, stop;

	if (!ctx->space.id)
		return 0;
	if (ctx->stale || (write && ctx->marked_from))
		wasm_shared_touch(mm, addr, n, write);
	if (ctx->grows_itself) {
		u32 size = shim_memory_size(ctx->space.shim);

		if (size > ctx->space.size)
			wasm_space_noticed(mm, size);
	}
	if (ctx->remapped)
		find_open(mm);
	if (addr >= ctx->space.size)
		return 0;
	end = addr + min(n, ctx->space.size - addr);
	while (at < end) {
		stop = forced ? forced_end(mm, at, write) : run_end(mm, at, write);
		if (stop == at)
			break;
		at = stop;
	}
	return min(at, end) - addr;
}
