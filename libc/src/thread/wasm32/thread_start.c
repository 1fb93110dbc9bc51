/* SPDX-License-Identifier: MIT */
/* What begins at the export __wasm_thread_entry (crt1.c): threads, posix_spawn's
 * child, and the handler of a signal that a trap has caused. */
#include "pthread_impl.h"
#include "syscall.h"
#include "signal_frame.h"

void __wasm_init_tls(void *);

__thread unsigned __wasm_lost_stacks;

hidden void __wasm_thread_start(int (*fn)(void *), void *arg, void *tls)
{
	if (!fn) {
		/* the program ends by the signal when this returns */
		__wasm_lost_stacks++;
		__wasm_deliver_signal();
		return;
	}
	/* posix_spawn's child (no CLONE_SETTLS) keeps its parent's */
	if (tls) {
		uintptr_t image = (uintptr_t)tls + sizeof(struct pthread);
		__wasm_init_tls((void *)(image + (-image & (libc.tls_align-1))));
		__set_thread_area(tls);
	}
	int status = fn(arg);
	for (;;) __syscall(SYS_exit, status);
}
