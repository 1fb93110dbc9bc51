/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_IRQFLAGS_H
#define _ASM_WASM_IRQFLAGS_H
/*
 * Nothing interrupts wasm code. An interrupt is a bit that the host or whoever
 * reads the clock sets in wasm_irq_pending, and a call: where interrupts are
 * turned on again, in cpu_relax(), after idle, and on the way to user mode.
 */
extern unsigned long wasm_irq_enabled;
extern unsigned long wasm_irq_pending;

void wasm_take_irqs(void);

#define arch_local_save_flags arch_local_save_flags
static __always_inline unsigned long arch_local_save_flags(void)
{
	return *(volatile unsigned long *)&wasm_irq_enabled;
}

#define arch_local_irq_restore arch_local_irq_restore
static __always_inline void arch_local_irq_restore(unsigned long flags)
{
	__asm__ volatile("" : : : "memory");
	wasm_irq_enabled = flags;
	__asm__ volatile("" : : : "memory");
	if (__builtin_expect(*(volatile unsigned long *)&wasm_irq_pending && flags, 0))
		wasm_take_irqs();
}

#include <asm-generic/irqflags.h>

#endif
