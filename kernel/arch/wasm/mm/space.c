// SPDX-License-Identifier: GPL-2.0
/*
 * Address spaces: an mm_struct's instance of a program and its memory, which are
 * the host's. Made by exec and by fork, gone when the last task has left.
 */
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/sched/mm.h>
#include <asm/host.h>
#include <asm/mmu_context.h>

int wasm_space_create(struct mm_struct *mm, u32 module)
{
	return host_space_create(module, &mm->context.space);
}

/* fork: the same contents, the same mappings. mm is new and has no other user. */
int wasm_space_fork(struct mm_struct *mm, struct mm_struct *parent)
{
	int ret = host_space_fork(parent->context.space.id, &mm->context.space);

	if (ret)
		return ret;
	mm->context.fork_buffer = parent->context.fork_buffer;
	/* When this fails mm is dropped, and the space with it. */
	return wasm_vma_copy_all(mm, parent);
}

void wasm_space_release(struct mm_struct *mm)
{
	u32 id = mm->context.space.id;

	memset(&mm->context.space, 0, sizeof(mm->context.space));
	if (id)
		host_space_release(id);
}

/* Appends zeroed memory, in whole pages; its address, or 0. */
unsigned long wasm_space_grow(struct mm_struct *mm, unsigned long bytes)
{
	struct host_space *space = &mm->context.space;
	u32 size;

	/* Here a memory controller would be asked for user memory too. */
	if (bytes > space->max)
		return 0;
	size = host_space_grow(space->id, bytes);
	if (!size)
		return 0;
	space->size = size;
	return size - bytes;
}
