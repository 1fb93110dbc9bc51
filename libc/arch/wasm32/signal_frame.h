/* SPDX-License-Identifier: MIT */
/*
 * What system call SYS_wasm_sigframe_fetch writes (up to altstack) and
 * rt_sigreturn reads (ret, oldmask and altstack).  The kernel's view: arch/wasm/kernel/signal.c.
 *
 *   offset 0   handler    table index, 0 when no signal is pending any more
 *          4   flags      sa_flags
 *          8   sig
 *          12  ret        the interrupted call's result
 *          16  oldmask    64 bits
 *          24  info       siginfo_t, 128 bytes
 *          152 stack      the top of the stack to run on, 0 for where one is
 *          156 altstack   stack_t, 12 bytes
 *          168 context    libc's own from here on, for SA_SIGINFO handlers
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
	uint32_t stack;
	stack_t altstack;
	ucontext_t context;
	struct signal_frame *outer;
};
_Static_assert(offsetof(struct signal_frame, oldmask) == 16, "kernel ABI");
_Static_assert(offsetof(struct signal_frame, info) == 24, "kernel ABI");
_Static_assert(offsetof(struct signal_frame, stack) == 152, "kernel ABI");
_Static_assert(offsetof(struct signal_frame, context) == 168, "kernel ABI");

/* of the thread: the handler that runs, or null */
extern hidden __thread struct signal_frame *__wasm_handler;

/* of the thread: how many engine stacks it has lost to traps */
extern hidden __thread unsigned __wasm_lost_stacks;

/* run the handler that WASM_RET_SIGNAL announced; the interrupted call's result */
hidden long __wasm_deliver_signal(void);
hidden void __wasm_call_handler(struct signal_frame *);
/* the same, with the stack pointer at STACK meanwhile */
hidden void __wasm_call_on_stack(void *stack, struct signal_frame *);
hidden void __vfork_return(void);
