# SPDX-License-Identifier: MIT
# What is each thread's own beside its engine stack: the globals __wasm_tp (the
# thread pointer), __stack_pointer and __tls_base.  The kernel saves and
# restores them when it switches between threads of one instance.
	.globaltype	__wasm_tp, i32
	.globl	__wasm_tp
__wasm_tp:

	.globaltype	__stack_pointer, i32

# int __set_thread_area(void *)
	.globl	__set_thread_area
	.hidden	__set_thread_area
	.type	__set_thread_area,@function
__set_thread_area:
	.functype	__set_thread_area (i32) -> (i32)
	local.get	0
	global.set	__wasm_tp
	i32.const	0
	end_function

# void __wasm_set_stack_pointer(void *); the caller must not return
	.globl	__wasm_set_stack_pointer
	.hidden	__wasm_set_stack_pointer
	.type	__wasm_set_stack_pointer,@function
__wasm_set_stack_pointer:
	.functype	__wasm_set_stack_pointer (i32) -> ()
	local.get	0
	global.set	__stack_pointer
	end_function
