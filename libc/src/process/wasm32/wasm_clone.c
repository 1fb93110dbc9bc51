/* SPDX-License-Identifier: MIT */
/*
 * clone() and clone3() that copy the process.  The kernel takes the arguments
 * and answers WASM_RET_FORK: the copy itself is wasmlinux_fork's, since the
 * program leaves its frames for that (wasm_fork.c).  Who calls this function is
 * made unwindable when linked; so <unistd.h> sends a syscall() here only if its
 * number is a constant that says clone.
 */
#include <stdarg.h>
#include "syscall.h"
#include "signal_frame.h"

hidden long __wasm_copy_process(void);

hidden long __wasm_clone(long n, uint32_t *args)
{
	long r;

	do {
		r = wasmlinux_syscall32(n, args);
		if (r == WASM_RET_FORK) r = __wasm_copy_process();
		if (r == WASM_RET_SIGNAL) r = __wasm_deliver_signal();
	} while (r == WASM_RET_RESTART);
	return r;
}

/* syscall(SYS_clone, ...) and syscall(SYS_clone3, ...) */
long __syscall_clone(long n, ...)
{
	uint32_t args[6];
	va_list ap;

	va_start(ap, n);
	for (int i=0; i<6; i++) args[i] = va_arg(ap, uint32_t);
	va_end(ap);
	return __syscall_ret(__wasm_clone(n, args));
}
