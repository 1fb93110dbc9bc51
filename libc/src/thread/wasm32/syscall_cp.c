/* SPDX-License-Identifier: MIT */
/*
 * A system call that is a cancellation point.  Other ports compare the
 * interrupted program counter with this function's; here a signal only arrives
 * with a system call's result, so the flag decides: it is looked at before the
 * call and when the call was interrupted with nothing done (-EINTR, which
 * __syscall_cp_c turns into the cancellation; also instead of a restart).
 */
#include "pthread_impl.h"
#include "syscall.h"

/* an empty code range, for pthread_cancel.c */
hidden const char __cp_begin[1], __cp_end[1], __cp_cancel[1];

hidden long __cancel(void);

hidden long __syscall_cp_asm(volatile void *cancel, syscall_arg_t n,
	syscall_arg_t a, syscall_arg_t b, syscall_arg_t c,
	syscall_arg_t d, syscall_arg_t e, syscall_arg_t f)
{
	uint32_t args[6] = { a, b, c, d, e, f };
	volatile int *flag = (volatile int *)cancel;
	long r;

	if (*flag) return __cancel();
	r = wasmlinux_syscall32(n, args);
	if ((unsigned long)r - WASM_RET_FORK < 4)
		r = __wasm_syscall_slow(n, args, r, flag);
	return r;
}
