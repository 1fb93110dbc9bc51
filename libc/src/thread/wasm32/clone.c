/* SPDX-License-Identifier: MIT */
/* clone() with a stack: threads and posix_spawn's child.  The kernel finds
 * {fn, arg} at the stack pointer it is given and enters __wasm_thread_entry. */
#include <stdarg.h>
#include "pthread_impl.h"
#include "syscall.h"

void __wasm_init_tls(void *);
/* void __wasm_thread_entry(int (*fn)(void *), void *arg, void *stack, void *tls)
 * is the export at which the kernel starts the new task, on a fresh engine
 * stack.  In assembly: C code could use the stack pointer before it is set. */
__asm__(
	".globaltype __stack_pointer, i32\n"
	".functype __wasm_thread_start (i32, i32, i32) -> ()\n"
	".globl __wasm_thread_entry\n"
	".type __wasm_thread_entry,@function\n"
	".export_name __wasm_thread_entry, __wasm_thread_entry\n"
	"__wasm_thread_entry:\n"
	".functype __wasm_thread_entry (i32, i32, i32, i32) -> ()\n"
	"local.get 2\n"
	"global.set __stack_pointer\n"
	"local.get 0\n"
	"local.get 1\n"
	"local.get 3\n"
	"call __wasm_thread_start\n"
	"end_function\n"
);

__attribute__((__used__)) hidden void __wasm_thread_start(int (*fn)(void *), void *arg, void *tls)
{
	/* posix_spawn's child (no CLONE_SETTLS) keeps its parent's */
	if (tls) {
		uintptr_t image = (uintptr_t)tls + sizeof(struct pthread);
		__wasm_init_tls((void *)(image + (-image & (libc.tls_align-1))));
		__set_thread_area(tls);
	}
	int status = fn(arg);
	/* to return ends the task with 0, and leaves its engine stack to another */
	if (status) __syscall(SYS_exit, status);
}

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
