/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_MMU_H
#define _ASM_WASM_MMU_H

#include <linux/types.h>
#include <asm/host.h>

struct task_struct;

/*
 * An address space: one instance of a program with one linear memory, which the
 * kernel reaches through the functions of space.shim.
 */
typedef struct {
	/*
	 * What the host told. id 0: no space yet, or no longer; size then is 0
	 * too, so that every access fails its bounds check. size grows.
	 */
	struct host_space space;

	/* Whose __stack_pointer, __wasm_tp, __tls_base are in the instance. */
	struct task_struct *globals_owner;

	/* Tokens for its memory, that many pages: see mm/charge.c. */
	struct list_head tokens;
	unsigned long charged;
	bool grows_itself;		/* without asking the kernel */

	/*
	 * Shared mappings: see mm/shared.c. stale: their memory may be older than
	 * the page cache. marked_from: of a program with a card table, which then has
	 * to be marked, where the first one begins, 0 if there is none.
	 */
	struct list_head windows;
	bool stale;
	u32 marked_from;

	/*
	 * What the kernel's own accesses may touch: see mm/access.c. remapped: open
	 * and run are to be found anew. reach is all that most accesses look at: so
	 * much memory is there from address 0, to read and to write, without marks; 0
	 * while stale or remapped, so that each access looks closer.
	 */
	bool remapped;
	u32 open;
	struct {
		u32 start, end;
		bool write;
	} run;
	u32 reach;

	unsigned long end_brk;		/* for generic NOMMU code */
} mm_context_t;

#endif
