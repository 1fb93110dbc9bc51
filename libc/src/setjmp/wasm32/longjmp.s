# SPDX-License-Identifier: MIT
# void longjmp(jmp_buf env, int value), for calls through a pointer; clang turns
# direct ones into __wasm_longjmp by itself, and would turn C code here too.
	.functype	__wasm_longjmp (i32, i32) -> ()
	.globl	longjmp
	.type	longjmp,@function
longjmp:
	.functype	longjmp (i32, i32) -> ()
	local.get	0
	local.get	1
	call	__wasm_longjmp
	unreachable
	end_function

	.weak	_longjmp
	.type	_longjmp,@function
	.set	_longjmp, longjmp
