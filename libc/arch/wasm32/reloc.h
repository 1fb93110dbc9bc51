/* SPDX-License-Identifier: MIT */
#define LDSO_ARCH "wasm32"

#define TPOFF_K 0

/* Go on in PC (a void function without arguments that does not return) on the
 * stack SP: what __unmapself.c needs. */
#define CRTJMP(pc,sp) (__wasm_set_stack_pointer(sp), (pc)())
void __wasm_set_stack_pointer(void *);
