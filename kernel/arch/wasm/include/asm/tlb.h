/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_TLB_H
#define _ASM_WASM_TLB_H
/* No TLB. What mm/oom_kill.c leaves to the architecture: mm/space.c. */
#include <linux/mm_types.h>

bool __oom_reap_task_mm(struct mm_struct *mm);

#include <asm-generic/tlb.h>

#endif
