/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_THREAD_INFO_H
#define _ASM_WASM_THREAD_INFO_H

#include <asm/page.h>

/*
 * A kernel stack is the shadow stack of the engine's: it holds only what has an
 * address. Return addresses and scalars lie in the engine's own frames. So little
 * is used: with CONFIG_DEBUG_STACK_USAGE the deepest seen was 3144 of 16384 bytes,
 * reading all of /proc and /sys; 2 KiB in writeback of ext4 on a loop device on
 * ext4 on a loop device on tmpfs, with overlayfs; TCP over loopback 1.9 KiB. The
 * largest single frame is 2.8 KiB.
 */
#define THREAD_SIZE_ORDER	2
#define THREAD_SIZE		(PAGE_SIZE << THREAD_SIZE_ORDER)
#define THREAD_SHIFT		(PAGE_SHIFT + THREAD_SIZE_ORDER)

#ifndef __ASSEMBLY__
struct thread_info {
	unsigned long	flags;
	int		preempt_count;
	u32		cpu;
};

#define INIT_THREAD_INFO(tsk) { .preempt_count = INIT_PREEMPT_COUNT, }

struct task_struct;
void arch_release_task_struct(struct task_struct *tsk);
#endif /* !__ASSEMBLY__ */

#define TIF_SYSCALL_TRACE	0
#define TIF_NOTIFY_RESUME	1
#define TIF_SIGPENDING		2
#define TIF_NEED_RESCHED	3
#define TIF_SYSCALL_AUDIT	4
#define TIF_SECCOMP		5
#define TIF_RESTORE_SIGMASK	6
#define TIF_NOTIFY_SIGNAL	7
#define TIF_SYSCALL_TRACEPOINT	8
#define TIF_FOLLOWED		9	/* the host traces it; children inherit */
#define TIF_SHARED		10	/* shared mappings are stale: mm/shared.c */
#define TIF_MEMDIE		17

#define _TIF_SYSCALL_TRACE	(1 << TIF_SYSCALL_TRACE)
#define _TIF_NOTIFY_RESUME	(1 << TIF_NOTIFY_RESUME)
#define _TIF_SIGPENDING		(1 << TIF_SIGPENDING)
#define _TIF_NEED_RESCHED	(1 << TIF_NEED_RESCHED)
#define _TIF_SYSCALL_AUDIT	(1 << TIF_SYSCALL_AUDIT)
#define _TIF_SECCOMP		(1 << TIF_SECCOMP)
#define _TIF_NOTIFY_SIGNAL	(1 << TIF_NOTIFY_SIGNAL)
#define _TIF_SYSCALL_TRACEPOINT	(1 << TIF_SYSCALL_TRACEPOINT)
#define _TIF_SHARED		(1 << TIF_SHARED)

/* What a system call does more than its work, on the way in or out. */
#define _TIF_SYSCALL_WORK	(_TIF_SYSCALL_TRACE | _TIF_SYSCALL_AUDIT | \
				 _TIF_SECCOMP | _TIF_SYSCALL_TRACEPOINT)

/* What is to be done before user mode goes on. */
#define _TIF_WORK_MASK		(_TIF_NOTIFY_RESUME | _TIF_SIGPENDING | \
				 _TIF_NEED_RESCHED | _TIF_NOTIFY_SIGNAL | \
				 _TIF_SHARED)

#endif
