/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WASM_MM_MLOCK_H
#define _WASM_MM_MLOCK_H
#include <linux/mm_types.h>

/* May so many pages more be locked? */
bool wasm_may_lock(struct mm_struct *mm, unsigned long pages);

#endif
