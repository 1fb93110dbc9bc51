/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_PGTABLE_H
#define _ASM_WASM_PGTABLE_H
/* There are no page tables: these are the types and constants others name. */
#include <asm-generic/pgtable-nopud.h>
#include <linux/slab.h>
#include <asm/processor.h>
#include <asm/page.h>

#define pgd_present(pgd)	(1)
#define pgd_none(pgd)		(0)
#define pgd_bad(pgd)		(0)
#define pgd_clear(pgdp)		do { } while (0)
#define pmd_offset(a, b)	((void *)0)

#define PAGE_NONE	__pgprot(0)
#define PAGE_SHARED	__pgprot(0)
#define PAGE_COPY	__pgprot(0)
#define PAGE_READONLY	__pgprot(0)
#define PAGE_KERNEL	__pgprot(0)

#define swapper_pg_dir	((pgd_t *)0)

extern unsigned long empty_zero_page[];
#define ZERO_PAGE(vaddr)	(virt_to_page(empty_zero_page))

/* Swap entries, as types: mm/shmem.c names them but there is no swap. */
#define __swp_type(x)		((x).val & 0x1f)
#define __swp_offset(x)		((x).val >> 5)
#define __swp_entry(type, off)	((swp_entry_t) { (type) | ((off) << 5) })
#define __pte_to_swp_entry(pte)	((swp_entry_t) { pte_val(pte) })
#define __swp_entry_to_pte(x)	((pte_t) { (x).val })

static inline int pte_present(pte_t pte)
{
	return 1;
}

static inline int pte_none(pte_t pte)
{
	return 0;
}

static inline int pte_swp_exclusive(pte_t pte)
{
	return 0;
}

static inline pte_t pte_swp_clear_exclusive(pte_t pte)
{
	return pte;
}

static inline int pte_swp_uffd_wp(pte_t pte)
{
	return 0;
}

static inline pte_t pte_swp_clear_uffd_wp(pte_t pte)
{
	return pte;
}

#define arch_swap_restore(entry, folio)			do { } while (0)
#define maybe_unlock_mmap_for_io(vmf, fpin)		((struct file *)NULL)
#define mm_get_unmapped_area(mm, f, a, l, p, fl)	(-ENOSYS)

#define VMALLOC_START	0UL
#define VMALLOC_END	0xffffffffUL

#endif
