/* SPDX-License-Identifier: GPL-2.0 */
/* Zero-length arrays as the symbols of a linker script: see lds_head.c. */

/* A symbol that marks a place in a section, before or after its contents. */
#define LDS_MARK(type, symbol, name)					\
	type symbol[0] __attribute__((section(name), used, aligned(4)))

/* Nothing but the section's place in the order. */
#define LDS_ORDER(tag, name)						\
	static char lds_order_##tag[0] __attribute__((section(name), used, aligned(4)))
