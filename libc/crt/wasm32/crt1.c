/* SPDX-License-Identifier: MIT */
/*
 * Where the kernel enters a program.  It calls the export _start with the address
 * of argc, argv[], 0, envp[], 0, auxv[], laid out as on every Linux; C code
 * runs on the module's own stack (__stack_pointer as linked).
 */
#include <features.h>
#include "libc.h"

int __main_void(void);
void __wasm_call_ctors(void);
int __libc_start_main(int (*)(int, char **, char **), int, char **,
	void (*)(), void (*)(), void (*)());

/* for __main_void.c */
hidden int __wasm_argc;
hidden char **__wasm_argv;

/* musl calls it before main; wasm-ld has collected the constructors in one
 * function.  Destructors are atexit functions that constructors register. */
void _init(void)
{
	__wasm_call_ctors();
}

/* An indirect call must name the callee's exact type and clang gives main() a
 * symbol by its parameters: __main_void is either the program's main(void) or
 * libc's bridge to the other forms. */
static int call_main(int argc, char **argv, char **envp)
{
	__wasm_argc = argc;
	__wasm_argv = argv;
	return __main_void();
}

__attribute__((export_name("_start")))
void _start(long *p)
{
	__libc_start_main(call_main, p[0], (char **)(p+1), 0, 0, 0);
}

/* void __wasm_thread_entry(int (*fn)(void *), void *arg, void *stack, void *tls)
 * is where it begins a new task and, with FN null, a trap's handler, on a fresh
 * engine stack.  In assembly: C code could use the stack pointer before it is
 * set. */
__asm__(
	".globaltype __stack_pointer, i32\n"
	".functype __wasm_thread_start (i32, i32, i32) -> ()\n"
	".hidden __wasm_thread_start\n"
	".globl __wasm_thread_entry\n"
	".type __wasm_thread_entry,@function\n"
	".export_name __wasm_thread_entry, __wasm_thread_entry\n"
	"__wasm_thread_entry:\n"
	".functype __wasm_thread_entry (i32, i32, i32, i32) -> ()\n"
	"local.get 2\n"
	"global.set __stack_pointer\n"
	"local.get 0\n"
	"local.get 1\n"
	"local.get 3\n"
	"call __wasm_thread_start\n"
	"end_function\n"
);

/* void __wasm_preempt(int word) is what a program's polls call when the kernel
 * has more to say than a budget (src/wasm/polls.ts): anywhere, so also in a
 * function that keeps data in the red zone, up to 128 bytes below a stack
 * pointer that it has not moved. */
__asm__(
	".globaltype __stack_pointer, i32\n"
	".functype __wasm_poll_word (i32) -> ()\n"
	".hidden __wasm_poll_word\n"
	".globl __wasm_preempt\n"
	".type __wasm_preempt,@function\n"
	".export_name __wasm_preempt, __wasm_preempt\n"
	"__wasm_preempt:\n"
	".functype __wasm_preempt (i32) -> ()\n"
	".local i32\n"
	"global.get __stack_pointer\n"
	"local.tee 1\n"
	"i32.const 128\n"
	"i32.sub\n"
	"global.set __stack_pointer\n"
	"local.get 0\n"
	"call __wasm_poll_word\n"
	"local.get 1\n"
	"global.set __stack_pointer\n"
	"end_function\n"
);
