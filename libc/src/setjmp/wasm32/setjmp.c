/* SPDX-License-Identifier: MIT */
/*
 * What clang's lowering of setjmp and longjmp (-mllvm -wasm-enable-sjlj) calls.
 * A function that calls setjmp gets a handler for the exception __c_longjmp;
 * ID names its invocation, LABEL the setjmp call in it.  The layouts of
 * struct jump and of its argument are LLVM's (WebAssemblyLowerEmscriptenEHSjLj).
 */
#include <setjmp.h>
#include <stdint.h>
#include "signal_frame.h"

struct jump {
	void *id;
	uint32_t label;
	struct {
		void *env;
		int val;
	} thrown;
};
_Static_assert(sizeof(struct jump) <= sizeof(__jmp_buf), "jmp_buf");

#define TAG_C_LONGJMP 1

void __wasm_setjmp(void *env, uint32_t label, void *id)
{
	struct jump *j = env;
	j->id = id;
	j->label = label;
}

uint32_t __wasm_setjmp_test(void *env, void *id)
{
	struct jump *j = env;
	return j->id == id ? j->label : 0;
}

_Noreturn void __wasm_longjmp(void *env, int val)
{
	struct jump *j = env;
	/* ID lies in the frame that is jumped to: the handlers below are left */
	while (__wasm_handler && (void *)__wasm_handler < j->id)
		__wasm_handler = __wasm_handler->outer;
	j->thrown.env = env;
	j->thrown.val = val ? val : 1;
	__builtin_wasm_throw(TAG_C_LONGJMP, &j->thrown);
}
