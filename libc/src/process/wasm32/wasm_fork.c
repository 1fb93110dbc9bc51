/* SPDX-License-Identifier: MIT */
/*
 * The call that copies the process.  The program leaves all its frames and
 * comes back to them, twice; the functions that can do so are chosen when it is
 * linked (src/toolchain/fork-rules.ts).  The frames below a signal handler are
 * among them only if the program was linked with
 * -Wl,--wasmlinux-fork-in-handlers; otherwise only those above leave and come
 * back.  The parent has the others still.  The child has not: it begins at
 * __wasm_handler_entry, and dies when its handler returns.
 */
#include <errno.h>
#include "syscall.h"
#include "signal_frame.h"

__attribute__((import_module("env"), import_name("wasmlinux_fork")))
int wasmlinux_fork(void);

/* it is being called: who returns meanwhile is unwinding */
static _Thread_local int forking;

/* One attempt: the result, or a word of the kernel's. */
hidden long __wasm_copy_process(void)
{
	long r;

	forking = 1;
	r = wasmlinux_fork();
	forking = 0;
	return r;
}

hidden long __wasm_fork(void)
{
	long r;

	do {
		r = __wasm_copy_process();
		if (r == WASM_RET_SIGNAL) r = __wasm_deliver_signal();
	} while (r == WASM_RET_RESTART);
	return r;
}

int __wasm_fork_unwound(struct signal_frame *frame)
{
	return forking && !wasmlinux_syscall32(SYS_wasm_fork_unwound, (uint32_t *)frame);
}

__attribute__((export_name("__wasm_handler_entry")))
void __wasm_handler_entry(struct signal_frame *frame)
{
	__wasm_call_handler(frame);
}
