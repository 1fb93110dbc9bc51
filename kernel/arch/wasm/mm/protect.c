// SPDX-License-Identifier: GPL-2.0
/*
 * The system calls about ranges of user memory that only MMU kernels have:
 * mprotect, madvise, msync and mincore.
 *
 * A program's memory is always readable, writable and resident for the program
 * itself. Protection is checked against what the mapping allows, kept in the VMA,
 * shown in /proc/PID/maps and honoured by the kernel (mm/access.c).
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/falloc.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/mmu_context.h>
#include <asm/shared.h>
#include "ranges.h"

/*
 * The range of a system call: start must be page aligned; a length that wraps
 * around is ENOMEM, as in mm/mprotect.c.
 */
static int range_end(unsigned long start, size_t len, unsigned long *end)
{
	if (offset_in_page(start))
		return -EINVAL;
	*end = start + PAGE_ALIGN(len);
	return *end < start || PAGE_ALIGN(len) < len ? -ENOMEM : 0;
}

/* Is every page of the range mapped? The caller holds the mmap lock. */
static bool range_mapped(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	while (start < end) {
		struct vm_area_struct *vma = vma_lookup(mm, start);

		if (!vma)
			return false;
		start = vma->vm_end;
	}
	return true;
}

/* For calls that change nothing: 0 if the range is mapped. */
static int check_range(unsigned long start, size_t len)
{
	struct mm_struct *mm = current->mm;
	unsigned long end;
	int ret = range_end(start, len, &end);

	if (ret)
		return ret;
	mmap_read_lock(mm);
	if (!range_mapped(mm, start, end))
		ret = -ENOMEM;
	mmap_read_unlock(mm);
	return ret;
}

int wasm_each_part(struct mm_struct *mm, unsigned long start, unsigned long end,
		   int (*change)(struct vm_area_struct *vma, unsigned long start,
				 unsigned long end, vm_flags_t flags),
		   vm_flags_t flags)
{
	int ret = 0;

	while (!ret && start < end) {
		struct vm_area_struct *vma = vma_lookup(mm, start);
		unsigned long stop;

		if (!vma)
			return -ENOMEM;
		stop = min(end, vma->vm_end);
		ret = change(vma, start, stop, flags);
		start = stop;
	}
	return ret;
}

/* Gives [start, end), which lies in one VMA, the protection in newflags. */
static int protect_one(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end, vm_flags_t newflags)
{
	vm_flags_t access = VM_READ | VM_WRITE | VM_EXEC;
	vm_flags_t oldflags = vma->vm_flags;
	unsigned long pages = (end - start) >> PAGE_SHIFT;
	struct mm_struct *mm = vma->vm_mm;
	int ret;

	/* VM_MAYREAD and its kin are the same bits, four places up. */
	if (newflags & access & ~(oldflags >> 4))
		return -EACCES;
	/* What another mapping may that lies here, too, is not taken away. */
	if (wasm_shared_is_again(mm, start, end))
		newflags |= oldflags & access;
	if ((oldflags & access) == (newflags & access))
		return 0;
	if ((newflags & ~oldflags & VM_WRITE) && !(oldflags & VM_SHARED) &&
	    mm->data_vm + pages > rlimit(RLIMIT_DATA) >> PAGE_SHIFT)
		return -ENOMEM;
	ret = wasm_vma_split(mm, start);
	if (!ret)
		ret = wasm_vma_split(mm, end);
	if (!ret && wasm_is_shared(vma))
		ret = wasm_shared_protect(vma_lookup(mm, start), newflags & VM_WRITE);
	if (ret)
		return ret;
	vm_flags_mod(vma_lookup(mm, start), newflags & access, access & ~newflags);
	wasm_remapped(mm);
	/* mmap.c counts writable pages. */
	if (oldflags & VM_SHARED)
		return 0;
	if (newflags & ~oldflags & VM_WRITE)
		mm->data_vm += pages;
	else if (oldflags & ~newflags & VM_WRITE)
		mm->data_vm -= pages;
	return 0;
}

SYSCALL_DEFINE3(mprotect, unsigned long, start, size_t, len, unsigned long, prot)
{
	struct mm_struct *mm = current->mm;
	unsigned long end;
	int ret = range_end(start, len, &end);

	if (ret || !len)
		return ret;
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = wasm_each_part(mm, start, end, protect_one, calc_vm_prot_bits(prot, 0));
	wasm_vma_merge(mm, start, end);
	mmap_write_unlock(mm);
	return ret;
}

/* The file of the shared mapping at or above *start, which is moved behind that; or NULL. */
static struct file *next_shared_file(struct mm_struct *mm, unsigned long *start,
				     unsigned long end)
{
	struct vm_area_struct *vma;
	struct file *file = NULL;

	mmap_read_lock(mm);
	do {
		vma = find_vma_intersection(mm, *start, end);
		if (!vma)
			break;
		*start = vma->vm_end;
		if (wasm_is_shared(vma))
			file = get_file(vma->vm_file);
	} while (!file);
	mmap_read_unlock(mm);
	return file;
}

static bool range_locked(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	VMA_ITERATOR(vmi, mm, start);
	struct vm_area_struct *vma;
	bool locked = false;

	mmap_read_lock(mm);
	for_each_vma_range(vmi, vma, end)
		locked |= !!(vma->vm_flags & VM_LOCKED);
	mmap_read_unlock(mm);
	return locked;
}

SYSCALL_DEFINE3(msync, unsigned long, start, size_t, len, int, flags)
{
	unsigned long end = start + PAGE_ALIGN(len);
	struct file *file;
	int ret;

	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC))
		return -EINVAL;
	if ((flags & MS_ASYNC) && (flags & MS_SYNC))
		return -EINVAL;
	ret = check_range(start, len);
	if (!ret && (flags & MS_INVALIDATE) && range_locked(current->mm, start, end))
		ret = -EBUSY;
	if (ret || !(flags & MS_SYNC))
		return ret;
	while (!ret && (file = next_shared_file(current->mm, &start, end))) {
		ret = vfs_fsync(file, 1);
		fput(file);
	}
	return ret;
}

/* MADV_REMOVE: a hole in the file of one shared mapping. */
static int remove_range(unsigned long start, unsigned long end)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	struct file *file = NULL;
	loff_t pos = 0;
	int ret = -EINVAL;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, start);
	if (!vma) {
		ret = -ENOMEM;
	} else if (end <= vma->vm_end && vma->vm_file && !(vma->vm_flags & VM_LOCKED)) {
		if (vma_is_shared_maywrite(vma))
			file = get_file(vma->vm_file);
		pos = wasm_file_offset(vma, start);
		ret = -EACCES;
	}
	mmap_read_unlock(mm);
	if (!file)
		return ret;
	ret = vfs_fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, pos, end - start);
	fput(file);
	return ret;
}

int wasm_zap_part(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		  vm_flags_t unused)
{
	struct mm_struct *mm = vma->vm_mm;
	int ret;

	if (wasm_is_shared(vma))
		return 0;
	ret = wasm_clear(mm, start, end - start);
	if (!ret && vma->vm_file)
		ret = wasm_read_in(mm, vma->vm_file, start, end - start,
				   wasm_file_offset(vma, start));
	return ret;
}

/* May this advice be given for all of a mapping? 0 or an error. */
static int check_advice(const struct vm_area_struct *vma, int behavior)
{
	bool anonymous = !vma->vm_file && !wasm_is_shared(vma);

	switch (behavior) {
	case MADV_DONTNEED:
	case MADV_COLD:
	case MADV_PAGEOUT:
		return vma->vm_flags & VM_LOCKED ? -EINVAL : 0;
	case MADV_FREE:
		return vma->vm_flags & VM_LOCKED || !anonymous ? -EINVAL : 0;
	case MADV_WIPEONFORK:
		return anonymous ? 0 : -EINVAL;
	case MADV_POPULATE_READ:
		return vma_is_accessible((struct vm_area_struct *)vma) ? 0 : -EINVAL;
	case MADV_POPULATE_WRITE:
		return vma->vm_flags & VM_WRITE ? 0 : -EINVAL;
	}
	return 0;
}

/* What the advice makes of a mapping's flags. */
static vm_flags_t advised_flags(vm_flags_t flags, int behavior)
{
	switch (behavior) {
	case MADV_DONTFORK:
		return flags | VM_DONTCOPY;
	case MADV_DOFORK:
		return flags & ~VM_DONTCOPY;
	case MADV_WIPEONFORK:
		return flags | VM_WIPEONFORK;
	case MADV_KEEPONFORK:
		return flags & ~VM_WIPEONFORK;
	case MADV_DONTDUMP:
		return flags | VM_DONTDUMP;
	case MADV_DODUMP:
		return flags & ~VM_DONTDUMP;
	}
	return flags;
}

/* [start, end) lies in vma. The caller holds the mmap lock. */
static int advise_part(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		       int behavior)
{
	vm_flags_t flags = advised_flags(vma->vm_flags, behavior);
	struct mm_struct *mm = vma->vm_mm;
	int ret = check_advice(vma, behavior);

	if (ret)
		return ret;
	if (behavior == MADV_DONTNEED || behavior == MADV_DONTNEED_LOCKED)
		return wasm_zap_part(vma, start, end, 0);
	if (flags == vma->vm_flags)
		return 0;
	ret = wasm_vma_split(mm, start);
	if (!ret)
		ret = wasm_vma_split(mm, end);
	if (!ret)
		vm_flags_reset(vma_lookup(mm, start), flags);
	return ret;
}

/* A hole is an error, but all that is mapped is advised. */
static int advise_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			int behavior)
{
	unsigned long begin = start;
	int ret = 0, hole = 0;

	while (!ret && start < end) {
		struct vm_area_struct *vma = find_vma_intersection(mm, start, end);
		unsigned long stop;

		if (!vma || vma->vm_start > start)
			hole = -ENOMEM;
		if (!vma)
			break;
		start = max(start, vma->vm_start);
		stop = min(end, vma->vm_end);
		ret = advise_part(vma, start, stop, behavior);
		start = stop;
	}
	wasm_vma_merge(mm, begin, end);
	return ret ? ret : hole;
}

SYSCALL_DEFINE3(madvise, unsigned long, start, size_t, len, int, behavior)
{
	struct mm_struct *mm = current->mm;
	unsigned long end = start + PAGE_ALIGN(len);
	int ret;

	switch (behavior) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_REMOVE:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
		break;
	default:
		return -EINVAL;
	}
	if (offset_in_page(start) || PAGE_ALIGN(len) < len || end < start)
		return -EINVAL;
	if (start == end)
		return 0;
	if (behavior == MADV_REMOVE)
		return remove_range(start, end);
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = advise_range(mm, start, end, behavior);
	mmap_write_unlock(mm);
	return ret;
}

SYSCALL_DEFINE3(mincore, unsigned long, start, size_t, len, unsigned char __user *, vec)
{
	unsigned long pages = DIV_ROUND_UP(len, PAGE_SIZE);
	int ret = check_range(start, len);

	if (ret)
		return ret;
	while (pages--)
		if (put_user(1, vec++))
			return -EFAULT;
	return 0;
}
