# SPDX-License-Identifier: MIT
# The tag of C++'s exceptions, which clang leaves to the runtime to define; its
# value is the address of the exception's _Unwind_Exception.
	.tagtype	__cpp_exception i32
	.globl	__cpp_exception
__cpp_exception:
