/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_WORD_AT_A_TIME_H
#define _ASM_WASM_WORD_AT_A_TIME_H

#include <linux/unaligned.h>
#include <asm-generic/word-at-a-time.h>

/*
 * Reading past the end of an object can't fault: kernel memory is one range,
 * and its last page is never the end of a string.
 */
static inline unsigned long load_unaligned_zeropad(const void *addr)
{
	return get_unaligned((const unsigned long *)addr);
}

#endif
