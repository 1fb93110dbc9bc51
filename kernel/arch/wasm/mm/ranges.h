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

/* mm/mlock.c: may so many pages more be locked? */
bool wasm_may_lock(struct mm_struct *mm, unsigned long pages);

#endif
