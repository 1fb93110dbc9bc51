/* SPDX-License-Identifier: MIT */
/* clone() with a stack: threads and posix_spawn's child.  The kernel finds
 * {fn, arg} at the stack pointer it is given and enters __wasm_thread_entry
 * (crt1.c), with FN not null. */
#include <stdarg.h>
#include "syscall.h"

int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
	va_list ap;
	va_start(ap, arg);
	int *parent_tid = va_arg(ap, int *);
	void *tls = va_arg(ap, void *);
	int *child_tid = va_arg(ap, int *);
	va_end(ap);

	uintptr_t *top = (void *)((uintptr_t)stack & -16);
	top -= 4;
	top[0] = (uintptr_t)fn;
	top[1] = (uintptr_t)arg;
	return __syscall(SYS_clone, flags, top, parent_tid, tls, child_tid);
}
