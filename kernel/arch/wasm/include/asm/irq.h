/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_IRQ_H
#define _ASM_WASM_IRQ_H

/* The host's interrupt lines do not go through genirq: see kernel/irq.c. */
#define NR_IRQS			16
#define irq_canonicalize(irq)	(irq)

#endif
