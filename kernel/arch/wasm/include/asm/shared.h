/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_SHARED_H
#define _ASM_WASM_SHARED_H
/*
 * Shared mappings (mm/shared.c), for the files that make mappings, access user
 * memory, or return to user mode.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/thread_info.h>

/* mm/mmap.c, mm/protect.c. The caller holds mm's mmap lock. */
int wasm_shared_map(struct vm_area_struct *vma, bool moved);
void wasm_shared_unmap(struct vm_area_struct *vma);
unsigned long wasm_shared_again(struct mm_struct *mm, struct file *file, unsigned long pages,
				pgoff_t index, vm_flags_t flags);
bool wasm_shared_is_again(struct mm_struct *mm, unsigned long start, unsigned long end);
bool wasm_shared_leave(struct vm_area_struct *vma);
void wasm_shared_split(struct vm_area_struct *vma, struct vm_area_struct *upper);
int wasm_shared_copy(struct vm_area_struct *vma);
int wasm_shared_protect(struct vm_area_struct *vma, bool write);

/* The OOM reaper has been here: mm has no RSS any more. */
void wasm_shared_reaped(struct mm_struct *mm);

/* What mm's mappings hold that the page cache does not goes there. */
void wasm_shared_settle(struct mm_struct *mm);

/* mm/uaccess.c: someone accesses mm's memory beyond its reach. */
void wasm_shared_touch(struct mm_struct *mm, unsigned long addr, unsigned long n,
		       bool write);

/* A stack of mm's ends here: stores to frames leave no marks. */
void wasm_shared_stack(struct mm_struct *mm, unsigned long end);

/* On the way to user mode; may sleep. */
void wasm_shared_enter(void);

static __always_inline void wasm_shared_enter_if_stale(void)
{
	if (unlikely(current->mm->context.stale))
		wasm_shared_enter();
}

static inline bool wasm_is_shared(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_MAYSHARE;
}

#endif
