/* SPDX-License-Identifier: MIT */
/*
 * What system call SYS_wasm_sigframe_fetch writes (up to info) and rt_sigreturn
 * reads (ret and oldmask).  The kernel's view: arch/wasm/kernel/signal.c.
 *
 *   offset 0   handler    table index, 0 when no signal is pending any more
 *          4   flags      sa_flags
 *          8   sig
 *          12  ret        the interrupted call's result
 *          16  oldmask    64 bits
 *          24  info       siginfo_t, 128 bytes
 *          152 context    libc's own from here on, for SA_SIGINFO handlers
 *              outer      the frame of the handler that this one interrupted
 */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

struct signal_frame {
	uint32_t handler, flags, sig;
	int32_t ret;
	uint64_t oldmask;
	siginfo_t info;
	ucontext_t context;
	struct signal_frame *outer;
};
_Static_assert(offsetof(struct signal_frame, oldmask) == 16, "kernel ABI");
_Static_assert(offsetof(struct signal_frame, info) == 24, "kernel ABI");
_Static_assert(offsetof(struct signal_frame, context) == 152, "kernel ABI");

/* of the thread: the handler that runs, or null */
extern hidden __thread struct signal_frame *__wasm_handler;

/* run the handler that WASM_RET_SIGNAL announced; the interrupted call's result */
hidden long __wasm_deliver_signal(void);
hidden void __wasm_call_handler(struct signal_frame *);
/* the same, with the stack pointer at STACK meanwhile */
hidden void __wasm_call_on_stack(void *stack, struct signal_frame *);
hidden void __vfork_return(void);
/* has the handler unwound because it called fork?  It has been done: call it again */
hidden int __wasm_fork_unwound(struct signal_frame *);
