/* SPDX-License-Identifier: MIT */
/* The thread pointer is a mutable wasm global; the kernel switches it with the
 * thread.  See src/thread/wasm32/thread_globals.s. */
static inline uintptr_t __get_tp()
{
	uintptr_t tp;
	__asm__ __volatile__(
		".globaltype __wasm_tp, i32\n\t"
		"global.get __wasm_tp\n\t"
		"local.set %0" : "=r"(tp));
	return tp;
}

/* pthread_cancel.c compares it with the cancellation point's code range, which
 * is empty here: see src/thread/wasm32/syscall_cp.c. */
#define MC_PC __gregs[0]
