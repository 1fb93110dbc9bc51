# SPDX-License-Identifier: MIT
# The tag of longjmp's exception; its value is the address of {env, val}.
	.tagtype	__c_longjmp i32
	.globl	__c_longjmp
__c_longjmp:
