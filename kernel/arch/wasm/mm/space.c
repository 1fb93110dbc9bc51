// SPDX-License-Identifier: GPL-2.0
/*
 * Address spaces: an mm_struct's instance of a program and its memory, which are
 * the host's. Made by exec and by fork, gone when the last task has left. What
 * its memory costs is charged here (mm/charge.c), before the host is asked where
 * the size is known.
 *
 * Engines can't take memory back. What a process has unmapped at the end is not
 * charged to it, but it is a debt: the host has it still. There is a limit to that.
 */
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <asm/host.h>
#include <asm/mmu_context.h>
#include <asm/shared.h>
#include <asm/tlb.h>

/* Pages that the host holds and nobody is charged for; what part of the machine they may be. */
static unsigned long debt;
#define DEBT_PART	4
#define REAPED_PART	2	/* of which what the OOM reaper has taken */

static unsigned long debt_of(struct mm_struct *mm)
{
	unsigned long pages = PFN_UP(mm->context.space.size);

	return pages > mm->context.charged ? pages - mm->context.charged : 0;
}

/* exec: mm is new and has no other user. */
int wasm_space_create(struct mm_struct *mm, u32 module)
{
	struct host_space *space = &mm->context.space;
	int ret = host_space_create(module, space);

	if (ret)
		return ret;
	mm->context.grows_itself = shim_memory_size(space->shim) != 0;
	wasm_update_reach(mm);
	/* When this fails the process dies, and the space with it. */
	return wasm_charge(mm, PFN_UP(space->size));
}

/*
 * 0 unless the program's one thread is on the stack that it began with: another
 * stack may lie anywhere, with frames of others below it that are still in use.
 */
static unsigned long own_stack_pointer(struct mm_struct *mm)
{
	unsigned long sp = wasm_user_sp(current);

	if (current->thread.entry_kind != WASM_ENTRY_PROGRAM ||
	    atomic_read(&mm->mm_users) != 1 || __on_sig_stack(sp))
		return 0;
	return sp;
}

/* fork: the same contents, the same mappings. mm is new and has no other user. */
int wasm_space_fork(struct mm_struct *mm, struct mm_struct *parent)
{
	mm_context_t *ctx = &mm->context, *parent_ctx = &parent->context;
	unsigned long pages = PFN_UP(parent_ctx->space.size);
	int ret;

	/* What it is charged says nothing once it is reaped. */
	if (fatal_signal_pending(current))
		return -EINTR;
	if (parent_ctx->grows_itself)
		pages = max(pages, PFN_UP(shim_memory_size(parent_ctx->space.shim)));
	else	/* what the parent has unmapped at its end is not copied */
		pages = min(pages, parent_ctx->charged);
	ret = wasm_charge(mm, pages);
	if (ret)
		return ret;
	ctx->space.size = pages << PAGE_SHIFT;
	ret = host_space_fork(parent_ctx->space.id, &ctx->space, own_stack_pointer(parent));
	if (ret) {
		ctx->space.size = 0;
		return ret;
	}
	wasm_update_reach(mm);
	ctx->grows_itself = parent_ctx->grows_itself;
	/* Copied with the rest, but each VMA adds its own. */
	mm->total_vm = 0;
	mm->data_vm = 0;
	/* When this fails mm is dropped, and the space with it. */
	return wasm_vma_copy_all(mm, parent);
}

void wasm_space_release(struct mm_struct *mm)
{
	u32 id = mm->context.space.id;

	if (id && !mm->context.grows_itself)
		debt -= debt_of(mm);
	memset(&mm->context.space, 0, sizeof(mm->context.space));
	mm->context.reach = 0;
	if (id)
		host_space_release(id);
	wasm_uncharge(mm, mm->context.charged);
}

/* Appends zeroed memory, in whole pages; its address, or 0. The caller holds the mmap lock. */
unsigned long wasm_space_grow(struct mm_struct *mm, unsigned long bytes)
{
	struct host_space *space = &mm->context.space;
	u32 size;

	if (bytes > space->max - space->size || wasm_space_use(mm, space->size + bytes))
		return 0;
	size = host_space_grow(space->id, bytes);
	if (!size) {
		wasm_uncharge(mm, PFN_UP(bytes));
		return 0;
	}
	space->size = size;
	wasm_update_reach(mm);
	return size - bytes;
}

/* A mapping is to end here: what is below must be charged. 0 or -ENOMEM. The caller holds the mmap lock. */
int wasm_space_use(struct mm_struct *mm, unsigned long end)
{
	unsigned long owed = debt_of(mm), pages = PFN_UP(end);
	int ret;

	if (pages <= mm->context.charged)
		return 0;
	ret = wasm_charge(mm, pages - mm->context.charged);
	if (!mm->context.grows_itself)
		debt -= owed - debt_of(mm);
	return ret;
}

/* Nothing is mapped from here on. The caller holds the mmap lock. */
void wasm_space_trim(struct mm_struct *mm, unsigned long end)
{
	unsigned long limit = totalram_pages() / DEBT_PART, pages = PFN_UP(end);
	unsigned long owed = debt_of(mm);

	if (mm->context.grows_itself || pages >= mm->context.charged || debt >= limit)
		return;
	wasm_uncharge(mm, min(mm->context.charged - pages, limit - debt));
	debt += debt_of(mm) - owed;
}

/*
 * All tasks of mm are killed, but some wait for what others hold who wait for
 * memory. What mm has need not be charged any longer: nobody will ask for more,
 * and the host gets it back when they end. The caller holds the mmap lock.
 */
bool __oom_reap_task_mm(struct mm_struct *mm)
{
	unsigned long limit = totalram_pages() / REAPED_PART, owed;

	if (mm->context.grows_itself) {
		mm->context.grows_itself = false;
		debt += debt_of(mm);
	}
	owed = debt_of(mm);
	if (debt < limit)
		wasm_uncharge(mm, min(mm->context.charged, limit - debt));
	debt += debt_of(mm) - owed;
	wasm_shared_reaped(mm);
	return true;
}

/*
 * A program without our libc has grown its memory itself. Its memory is there
 * already and this may be no place to sleep: it is charged on the way out of the
 * next system call.
 */
void wasm_space_noticed(struct mm_struct *mm, unsigned long size)
{
	mm->context.space.size = size;
	wasm_update_reach(mm);
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
	wasm_update_reach(mm);
	pages = PFN_UP(space->size);
	if (pages > mm->context.charged)
		ret = wasm_charge(mm, pages - mm->context.charged);
	mmap_write_unlock(mm);
	if (ret)
		force_fatal_sig(SIGKILL);
}
