/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Force-included first into every translation unit (see arch/wasm/Makefile):
 * what the linker script or the compiler does on other architectures.
 */
#ifndef _ASM_WASM_PRELUDE_H
#define _ASM_WASM_PRELUDE_H
#ifndef __ASSEMBLY__

/* Linker scripts say "jiffies = jiffies_64": the low word, little endian. */
#pragma redefine_extname jiffies jiffies_64

/*
 * wasm hides return addresses and clang refuses to name them. The frame
 * address stands for the shadow stack, the only one that has addresses.
 */
#define __builtin_return_address(level)		((void *)0)
#define __builtin_extract_return_addr(addr)	(addr)
#define __builtin_frame_address(level)		((void *)wasm_get_sp())

/* The shadow stack pointer. It is a wasm global, which C has no name for. */
static inline __attribute__((always_inline, unused, no_instrument_function))
unsigned long wasm_get_sp(void)
{
	unsigned long sp;

	__asm__ volatile(".globaltype __stack_pointer, i32\n"
			 "global.get __stack_pointer\n"
			 "local.set %0" : "=r"(sp));
	return sp;
}

/* Only in a function without a frame of its own on the shadow stack. */
static inline __attribute__((always_inline, unused, no_instrument_function))
void wasm_set_sp(unsigned long sp)
{
	__asm__ volatile(".globaltype __stack_pointer, i32\n"
			 "local.get %0\n"
			 "global.set __stack_pointer" : : "r"(sp) : "memory");
}

#endif /* !__ASSEMBLY__ */
#endif
