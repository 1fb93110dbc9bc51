/* SPDX-License-Identifier: MIT */
/*
 * What clang's lowering of setjmp and longjmp (-mllvm -wasm-enable-sjlj) calls.
 * A function that calls setjmp gets a handler for the exception __c_longjmp;
 * ID names its invocation, LABEL the setjmp call in it.  The layouts of
 * struct jump, up to THROWN, and of its argument are LLVM's
 * (WebAssemblyLowerEmscriptenEHSjLj).
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include "ksigaction.h"
#include "syscall.h"
#include "signal_frame.h"

struct jump {
	void *id;
	uint32_t label;
	struct {
		void *env;
		int val;
	} thrown;
	/* whose frame it is: of the handler that runs, of the thread's stacks */
	struct signal_frame *handler;
	unsigned lost_stacks;
};
_Static_assert(sizeof(struct jump) <= sizeof(__jmp_buf), "jmp_buf");

#define TAG_C_LONGJMP 1

void __wasm_setjmp(void *env, uint32_t label, void *id)
{
	struct jump *j = env;
	j->id = id;
	j->label = label;
	j->handler = __wasm_handler;
	j->lost_stacks = __wasm_lost_stacks;
}

uint32_t __wasm_setjmp_test(void *env, void *id)
{
	struct jump *j = env;
	return j->id == id ? j->label : 0;
}

/* A trap has destroyed the frame, and no handler would catch the exception.
 * The log shows this function's name. */
static _Noreturn void longjmp_into_a_stack_that_a_trap_has_destroyed(void)
{
	struct k_sigaction ksa = { .handler = SIG_DFL };
	__syscall(SYS_rt_sigaction, SIGILL, &ksa, 0, _NSIG/8);
	__builtin_trap();
}

_Noreturn void __wasm_longjmp(void *env, int val)
{
	struct jump *j = env;
	if (j->lost_stacks != __wasm_lost_stacks)
		longjmp_into_a_stack_that_a_trap_has_destroyed();
	__wasm_handler = j->handler;
	j->thrown.env = env;
	j->thrown.val = val ? val : 1;
	__builtin_wasm_throw(TAG_C_LONGJMP, &j->thrown);
}
