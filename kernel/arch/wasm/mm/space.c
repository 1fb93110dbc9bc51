// SPDX-License-Identifier: GPL-2.0
/*
 * Address spaces: an mm_struct's instance of a program and its memory, which are
 * the host's. Made by exec and by fork, gone when the last task has left. What
 * its memory costs is charged here (mm/charge.c), before the host is asked where
 * the size is known.
 */
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <asm/host.h>
#include <asm/mmu_context.h>

/* exec: mm is new and has no other user. */
int wasm_space_create(struct mm_struct *mm, u32 module)
{
	struct host_space *space = &mm->context.space;
	int ret = host_space_create(module, space);

	if (ret)
		return ret;
	mm->context.grows_itself = shim_memory_size(space->shim) != 0;
	/* When this fails the process dies, and the space with it. */
	return wasm_charge(mm, PFN_UP(space->size));
}

/* fork: the same contents, the same mappings. mm is new and has no other user. */
int wasm_space_fork(struct mm_struct *mm, struct mm_struct *parent)
{
	mm_context_t *ctx = &mm->context;
	int ret = wasm_charge(mm, PFN_UP(parent->context.space.size));

	if (!ret)
		ret = host_space_fork(parent->context.space.id, &ctx->space);
	if (ret)
		return ret;
	ctx->grows_itself = parent->context.grows_itself;
	ctx->fork_buffer = parent->context.fork_buffer;
	/* Copied with the rest, but each VMA adds its own. */
	mm->total_vm = 0;
	mm->data_vm = 0;
	/* When this fails mm is dropped, and the space with it. */
	return wasm_vma_copy_all(mm, parent);
}

void wasm_space_release(struct mm_struct *mm)
{
	u32 id = mm->context.space.id;

	memset(&mm->context.space, 0, sizeof(mm->context.space));
	if (id)
		host_space_release(id);
	wasm_uncharge(mm, mm->context.charged);
}

/* Appends zeroed memory, in whole pages; its address, or 0. The caller holds the mmap lock. */
unsigned long wasm_space_grow(struct mm_struct *mm, unsigned long bytes)
{
	struct host_space *space = &mm->context.space;
	unsigned long pages = PFN_UP(bytes);
	u32 size;

	if (bytes > space->max || wasm_charge(mm, pages))
		return 0;
	size = host_space_grow(space->id, bytes);
	if (!size) {
		wasm_uncharge(mm, pages);
		return 0;
	}
	space->size = size;
	return size - bytes;
}

/*
 * A program without our libc has grown its memory itself. Its memory is there
 * already and this may be no place to sleep: it is charged on the way out of the
 * next system call.
 */
void wasm_space_noticed(struct mm_struct *mm, unsigned long size)
{
	mm->context.space.size = size;
	if (mm == current->mm)
		set_thread_flag(TIF_NOTIFY_RESUME);
}

/* Charges what the current program has taken without asking, or kills it. */
void wasm_space_settle(void)
{
	struct mm_struct *mm = current->mm;
	struct host_space *space = &mm->context.space;
	unsigned long pages;
	int ret = 0;

	if (likely(!mm->context.grows_itself) || mmap_write_lock_killable(mm))
		return;
	space->size = max(space->size, shim_memory_size(space->shim));
	pages = PFN_UP(space->size);
	if (pages > mm->context.charged)
		ret = wasm_charge(mm, pages - mm->context.charged);
	mmap_write_unlock(mm);
	if (ret)
		force_fatal_sig(SIGKILL);
}
