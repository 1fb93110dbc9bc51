// SPDX-License-Identifier: GPL-2.0
/* Kernel memory: one WebAssembly.Memory of fixed size, from address 0. */
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <asm/page.h>
#include <asm/pgtable.h>

unsigned long empty_zero_page[PAGE_SIZE / sizeof(unsigned long)] __page_aligned_bss;
EXPORT_SYMBOL(empty_zero_page);
unsigned long memory_end;
EXPORT_SYMBOL(memory_end);

void __init mem_init(void)
{
	high_memory = (void *)memory_end;
	memblock_free_all();
}

void free_initmem(void)
{
	free_initmem_default(POISON_FREE_INITMEM);
}
