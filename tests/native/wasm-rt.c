// SPDX-License-Identifier: MIT
/* Memory, table and traps of a module that wasm2c has made C of: see wasm-rt.h. */
#include <stdio.h>
#include <stdlib.h>
#include "wasm-rt.h"

bool wasm_rt_is_initialized(void)
{
	return true;
}

_Noreturn void wasm_rt_trap(wasm_rt_trap_t trap)
{
	fprintf(stderr, "the program has trapped (%d)\n", trap);
	abort();
}

static void *zeroed(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);

	if (!p) {
		fprintf(stderr, "no memory for %zu times %zu bytes\n", count, size);
		exit(70);
	}
	return p;
}

/* All that it may ever be, at once: addresses stay, and the system gives pages when they are touched. */
void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t pages, uint64_t max_pages, bool is64, uint32_t page_size)
{
	memory->data = zeroed(max_pages, page_size);
	memory->pages = pages;
	memory->max_pages = max_pages;
	memory->page_size = page_size;
	memory->size = pages * page_size;
	memory->is64 = is64;
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory)
{
	free(memory->data);
}

uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint64_t pages)
{
	uint64_t old = memory->pages;

	if (pages > memory->max_pages - old)
		return UINT32_MAX;
	memory->pages += pages;
	memory->size = memory->pages * memory->page_size;
	return old;
}

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t *table, uint32_t elements, uint32_t max_elements)
{
	table->data = zeroed(elements, sizeof(*table->data));
	table->size = elements;
	table->max_size = max_elements;
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *table)
{
	free(table->data);
}
