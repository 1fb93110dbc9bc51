/* SPDX-License-Identifier: MIT */
/*
 * The results of a system call that mean more than a value (syscall_arch.h).
 * Signal handlers are called here, by user code, so that no kernel frame lies
 * below a handler: it may longjmp out, fork, or be interrupted itself.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include "syscall.h"
#include "libc.h"
#include "signal_frame.h"

static void dummy(void) {}
weak_alias(dummy, __vfork_return);

/* wasm_fork.c has the other one */
static int not_forking(struct signal_frame *frame) { return 0; }
weak_alias(not_forking, __wasm_fork_unwound);

__thread struct signal_frame *__wasm_handler;

/* The link goes by this name (src/toolchain/fork-rules.ts), so does
 * call_on_stack.s: it must stay a function. */
__attribute__((__noinline__)) void __wasm_call_handler(struct signal_frame *frame)
{
	do if (frame->flags & SA_SIGINFO)
		((void (*)(int, siginfo_t *, void *))frame->handler)
			(frame->sig, &frame->info, &frame->context);
	else
		((void (*)(int))frame->handler)(frame->sig);
	while (__wasm_fork_unwound(frame));
}

long __wasm_deliver_signal(void)
{
	struct signal_frame frame;

	/* not __syscall: this call's result is never one of the words */
	wasmlinux_syscall32(SYS_wasm_sigframe_fetch, (uint32_t *)&frame);
	if (frame.handler) {
		memset(&frame.context, 0, sizeof frame.context);
		frame.context.uc_stack = frame.altstack;
		memcpy(&frame.context.uc_sigmask, &frame.oldmask, sizeof frame.oldmask);
		frame.outer = __wasm_handler;
		__wasm_handler = &frame;
		if (frame.stack)
			__wasm_call_on_stack((void *)frame.stack, &frame);
		else
			__wasm_call_handler(&frame);
		__wasm_handler = frame.outer;
		/* a handler may change what is restored */
		memcpy(&frame.oldmask, &frame.context.uc_sigmask, sizeof frame.oldmask);
		frame.altstack = frame.context.uc_stack;
	}
	return wasmlinux_syscall32(SYS_rt_sigreturn,
		(uint32_t[6]){ (uint32_t)&frame });
}

/* CANCEL is the flag of a cancellation point, else 0: a call that a
 * cancellation interrupted must not be made again. */
long __wasm_syscall_slow(long n, uint32_t *args, long r, volatile int *cancel)
{
	for (;;) switch (r) {
	case WASM_RET_SIGNAL:
		r = __wasm_deliver_signal();
		break;
	case WASM_RET_VFORK:
		__vfork_return();
		return 0;
	case WASM_RET_RESTART:
		if (cancel && *cancel) return -EINTR;
		r = wasmlinux_syscall32(n, args);
		break;
	case WASM_RET_FORK:
		/* a syscall() whose number the compiler could not see */
		return -ENOSYS;
	default:
		return r;
	}
}

__attribute__((import_module("env"), import_name("wasmlinux_preempt")))
int wasmlinux_preempt(void);

/* A poll's, from __wasm_preempt (crt1.c).  What rt_sigreturn brings here is a
 * budget, and no matter: the next poll comes soon. */
hidden void __wasm_poll_word(int word)
{
	do {
		__wasm_syscall_slow(0, 0, word, 0);
		/* another signal may wait */
		word = wasmlinux_preempt();
	} while (word < 0);
}

/* The polls that clang puts into functions which call setjmp(), where a handler
 * may jump to (src/wasm/polls.ts): the link charges it. */
void __sanitizer_cov_trace_pc(void) {}
