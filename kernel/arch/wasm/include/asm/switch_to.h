/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_SWITCH_TO_H
#define _ASM_WASM_SWITCH_TO_H

#include <linux/compiler.h>

struct task_struct;

struct task_struct *__switch_to(struct task_struct *prev, struct task_struct *next);

#define switch_to(prev, next, last)				\
do {								\
	(last) = __switch_to((prev), (next));			\
} while (0)

void wasm_notice_time(void);

/*
 * A vfork child died on its parent's stack: the parent is woken here, where the
 * run queue's lock is no longer held.
 */
extern struct task_struct *wasm_lender_to_wake;
void wasm_wake_lender(void);

#define finish_arch_post_lock_switch()				\
do {								\
	if (unlikely(wasm_lender_to_wake))			\
		wasm_wake_lender();				\
} while (0)

#endif
