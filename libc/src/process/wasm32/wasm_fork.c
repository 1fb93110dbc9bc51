/* SPDX-License-Identifier: MIT */
/*
 * The call that copies the process.  The program leaves all its frames and
 * comes back to them, twice; the functions that can do so are chosen when it is
 * linked (src/toolchain/fork-rules.ts).  The frames below a signal handler are
 * among them only if the program was linked with
 * -Wl,--wasmlinux-fork-in-handlers; otherwise a fork there must fail.
 */
#include <errno.h>
#include "syscall.h"
#include "signal_frame.h"

__attribute__((import_module("env"), import_name("wasmlinux_fork")))
int wasmlinux_fork(void);

extern weak hidden const char __wasm_fork_in_handlers;

hidden long __wasm_fork(void)
{
	long r;

	if (__wasm_handler && !&__wasm_fork_in_handlers) return -ENOSYS;
	do {
		r = wasmlinux_fork();
		if (r == WASM_RET_SIGNAL) r = __wasm_deliver_signal();
	} while (r == WASM_RET_RESTART);
	return r;
}
