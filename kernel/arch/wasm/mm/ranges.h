/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WASM_MM_RANGES_H
#define _WASM_MM_RANGES_H
#include <linux/mm_types.h>

/*
 * mm/protect.c: calls change() for each part of [start, end) that lies in one VMA, until
 * it fails; -ENOMEM where nothing is mapped. The caller holds the mmap lock.
 */
int wasm_each_part(struct mm_struct *mm, unsigned long start, unsigned long end,
		   int (*change)(struct vm_area_struct *vma, unsigned long start,
				 unsigned long end, vm_flags_t flags),
		   vm_flags_t flags);

/* mm/protect.c, for wasm_each_part(): as new; what a shared mapping shows stays. */
int wasm_zap_part(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		  vm_flags_t unused);

/* mm/mmap.c: fills a range of mm from a file, but for what lies behind the file's end. */
int wasm_read_in(struct mm_struct *mm, struct file *file, unsigned long to, unsigned long len,
		 loff_t pos);

/* mm/mmap.c: do RLIMIT_AS and RLIMIT_DATA let so many pages more be mapped? */
bool wasm_may_expand(struct mm_struct *mm, vm_flags_t flags, unsigned long pages);

static inline loff_t wasm_file_offset(const struct vm_area_struct *vma, unsigned long addr)
{
	return ((loff_t)vma->vm_pgoff << PAGE_SHIFT) + (addr - vma->vm_start);
}

/* mm/mlock.c: may so many pages more be locked? */
bool wasm_may_lock(struct mm_struct *mm, unsigned long pages);

#endif
