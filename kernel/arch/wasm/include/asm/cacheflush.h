/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_CACHEFLUSH_H
#define _ASM_WASM_CACHEFLUSH_H
/*
 * To generic code shared mappings are a data cache with aliases: it calls here
 * before it reads a page of a file that user space may have written to, and after
 * it has written to one. See mm/shared.c.
 */
struct folio;
struct page;

/* How many files are mapped shared. */
extern unsigned long wasm_shared_objects;

void wasm_shared_flush(struct folio *folio);
void wasm_shared_flush_page(struct page *page);

static inline void flush_dcache_folio(struct folio *folio)
{
	if (__builtin_expect(wasm_shared_objects, 0))
		wasm_shared_flush(folio);
}
#define flush_dcache_folio flush_dcache_folio

static inline void flush_dcache_page(struct page *page)
{
	if (__builtin_expect(wasm_shared_objects, 0))
		wasm_shared_flush_page(page);
}
#define ARCH_IMPLEMENTS_FLUSH_DCACHE_PAGE 1

#include <asm-generic/cacheflush.h>

#endif
