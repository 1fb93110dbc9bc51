/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_CURRENT_H
#define _ASM_WASM_CURRENT_H

#ifndef __ASSEMBLY__
struct task_struct;

/* The one CPU's running task: written by __switch_to() only. */
extern struct task_struct *wasm_current;

#define get_current()	(wasm_current)
#define current		get_current()
#endif /* !__ASSEMBLY__ */
#endif
