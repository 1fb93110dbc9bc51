// SPDX-License-Identifier: GPL-2.0
/*
 * mlock() and its kin. Nothing is ever paged out, so what is locked is a matter of
 * book-keeping: it is kept in the VMAs, counted (VmLck) and limited as on any
 * Linux, and msync() refuses to invalidate it. mm/mmap.c counts new mappings.
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/signal.h>
#include <linux/syscalls.h>
#include <linux/user_namespace.h>
#include <asm/mmu_context.h>
#include "ranges.h"

static bool may_ever_lock(void)
{
	return rlimit(RLIMIT_MEMLOCK) || capable(CAP_IPC_LOCK);
}

bool wasm_may_lock(struct mm_struct *mm, unsigned long pages)
{
	return mm->locked_vm + pages <= rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT ||
	       capable(CAP_IPC_LOCK);
}

static void lock_vma(struct vm_area_struct *vma, vm_flags_t flags)
{
	long pages = vma_pages(vma);

	if (vma->vm_flags & VM_LOCKED)
		vma->vm_mm->locked_vm -= pages;
	if (flags & VM_LOCKED)
		vma->vm_mm->locked_vm += pages;
	vm_flags_mod(vma, flags, VM_LOCKED_MASK & ~flags);
}

static unsigned long locked_pages(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	VMA_ITERATOR(vmi, mm, start);
	struct vm_area_struct *vma;
	unsigned long bytes = 0;

	for_each_vma_range(vmi, vma, end)
		if (vma->vm_flags & VM_LOCKED)
			bytes += min(end, vma->vm_end) - max(start, vma->vm_start);
	return bytes >> PAGE_SHIFT;
}

static int lock_part(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		     vm_flags_t flags)
{
	struct mm_struct *mm = vma->vm_mm;
	int ret = wasm_vma_split(mm, start);

	if (!ret)
		ret = wasm_vma_split(mm, end);
	if (!ret)
		lock_vma(vma_lookup(mm, start), flags);
	return ret;
}

static int change_range(unsigned long start, size_t len, vm_flags_t flags)
{
	struct mm_struct *mm = current->mm;
	unsigned long end;
	int ret = -ENOMEM;

	len = PAGE_ALIGN(len + offset_in_page(start));
	start &= PAGE_MASK;
	end = start + len;
	if (end < start)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	if (!(flags & VM_LOCKED) ||
	    wasm_may_lock(mm, (len >> PAGE_SHIFT) - locked_pages(mm, start, end)))
		ret = wasm_each_part(mm, start, end, lock_part, flags);
	wasm_vma_merge(mm, start, end);
	mmap_write_unlock(mm);
	return ret;
}

SYSCALL_DEFINE2(mlock, unsigned long, start, size_t, len)
{
	return may_ever_lock() ? change_range(start, len, VM_LOCKED) : -EPERM;
}

SYSCALL_DEFINE3(mlock2, unsigned long, start, size_t, len, int, flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	if (!may_ever_lock())
		return -EPERM;
	return change_range(start, len, flags ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED);
}

SYSCALL_DEFINE2(munlock, unsigned long, start, size_t, len)
{
	return change_range(start, len, 0);
}

/* All mappings that there are, and those to come. */
static void change_all(struct mm_struct *mm, vm_flags_t current_flags, vm_flags_t future_flags)
{
	VMA_ITERATOR(vmi, mm, 0);
	struct vm_area_struct *vma;

	mm->def_flags = (mm->def_flags & ~VM_LOCKED_MASK) | future_flags;
	for_each_vma(vmi, vma)
		lock_vma(vma, current_flags);
}

SYSCALL_DEFINE1(mlockall, int, flags)
{
	struct mm_struct *mm = current->mm;
	vm_flags_t locked = VM_LOCKED;
	int ret = -ENOMEM;

	if (!flags || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (!may_ever_lock())
		return -EPERM;
	if (flags & MCL_ONFAULT)
		locked |= VM_LOCKONFAULT;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	if (!(flags & MCL_CURRENT)) {
		mm->def_flags = (mm->def_flags & ~VM_LOCKED_MASK) | locked;
		ret = 0;
	} else if (wasm_may_lock(mm, mm->total_vm - mm->locked_vm)) {
		change_all(mm, locked, flags & MCL_FUTURE ? locked : 0);
		ret = 0;
	}
	mmap_write_unlock(mm);
	return ret;
}

SYSCALL_DEFINE0(munlockall)
{
	struct mm_struct *mm = current->mm;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	change_all(mm, 0, 0);
	mmap_write_unlock(mm);
	return 0;
}

/* shmctl(SHM_LOCK), SHM_UNLOCK: limited for each user, not for each process. */
int user_shm_lock(size_t size, struct ucounts *ucounts)
{
	long locked = inc_rlimit_ucounts(ucounts, UCOUNT_RLIMIT_MEMLOCK, PFN_UP(size));

	if ((locked <= rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT || capable(CAP_IPC_LOCK)) &&
	    get_ucounts(ucounts))
		return 1;
	dec_rlimit_ucounts(ucounts, UCOUNT_RLIMIT_MEMLOCK, PFN_UP(size));
	return 0;
}

void user_shm_unlock(size_t size, struct ucounts *ucounts)
{
	dec_rlimit_ucounts(ucounts, UCOUNT_RLIMIT_MEMLOCK, PFN_UP(size));
	put_ucounts(ucounts);
}
