// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts. The host sets bits in wasm_irq_pending between two turns, the
 * clock's readers set the timer's; the kernel takes them where asm/irqflags.h
 * says. There are no genirq descriptors.
 */
#include <linux/hardirq.h>
#include <linux/interrupt.h>
#include <linux/kernel_stat.h>
#include <linux/reboot.h>
#include <linux/seq_file.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/irq_regs.h>

unsigned long wasm_irq_enabled;
EXPORT_SYMBOL(wasm_irq_enabled);
unsigned long wasm_irq_pending;
EXPORT_SYMBOL(wasm_irq_pending);

static const struct irq_line {
	unsigned long bit;
	void (*handler)(void);
	const char *tag, *name;
} lines[] = {
	{ HOST_IRQ_TIMER, wasm_timer_interrupt, "TIM", "timer" },
	{ HOST_IRQ_CONSOLE, wasm_console_interrupt, "CON", "console" },
	{ HOST_IRQ_RESIZE, wasm_console_resize, "WIN", "console size" },
	{ HOST_IRQ_STREAM, wasm_stream_interrupt, "STR", "streams" },
	{ HOST_IRQ_CALL, wasm_host_call_interrupt, "CAL", "calls of the host" },
	{ HOST_IRQ_POWER_BUTTON, ctrl_alt_del, "PWR", "power button" },
};

static unsigned long counts[ARRAY_SIZE(lines)];
static unsigned long turns;

void wasm_interrupt(u32 bits)
{
	wasm_irq_pending |= bits;
}

/* Interrupts are off. */
static void deliver(void)
{
	struct pt_regs *old = set_irq_regs(current_pt_regs());
	unsigned long pending;
	int i;

	irq_enter();
	while ((pending = READ_ONCE(wasm_irq_pending) & ~WASM_IRQ_TURN)) {
		wasm_irq_pending &= ~pending;
		for (i = 0; i < ARRAY_SIZE(lines); i++) {
			if (!(pending & lines[i].bit))
				continue;
			counts[i]++;
			lines[i].handler();
		}
	}
	irq_exit();
	set_irq_regs(old);
}

/*
 * Any stack may suspend here: while the host has its turn no other runs, so to
 * the kernel it is a pause of the CPU.
 */
void wasm_take_irqs(void)
{
	if (!wasm_irq_enabled || in_hardirq())
		return;
	wasm_irq_enabled = 0;
	if (wasm_irq_pending & WASM_IRQ_TURN) {
		turns++;
		wasm_give_turn();
	}
	if (wasm_irq_pending)
		deliver();
	wasm_sample_spoilt = true;
	wasm_irq_enabled = 1;
}
EXPORT_SYMBOL(wasm_take_irqs);

/* /proc/interrupts */
int arch_show_interrupts(struct seq_file *p, int prec)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		seq_printf(p, "%*s: %10lu  %s\n", prec, lines[i].tag, counts[i],
			   lines[i].name);
	seq_printf(p, "%*s: %10lu  turns of the host\n", prec, "TRN", turns);
	return 0;
}

void __init init_IRQ(void)
{
}
