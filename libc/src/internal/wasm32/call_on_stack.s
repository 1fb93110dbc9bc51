# SPDX-License-Identifier: MIT
# void __wasm_call_on_stack(void *stack, struct signal_frame *frame)
# A longjmp out of the handler restores __stack_pointer by itself.
	.globaltype	__stack_pointer, i32
	.functype	__wasm_call_handler (i32) -> ()
	.hidden	__wasm_call_handler
	.globl	__wasm_call_on_stack
	.hidden	__wasm_call_on_stack
	.type	__wasm_call_on_stack,@function
__wasm_call_on_stack:
	.functype	__wasm_call_on_stack (i32, i32) -> ()
	.local	i32
	global.get	__stack_pointer
	local.set	2
	local.get	0
	global.set	__stack_pointer
	local.get	1
	call	__wasm_call_handler
	local.get	2
	global.set	__stack_pointer
	end_function
