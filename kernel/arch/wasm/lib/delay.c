// SPDX-License-Identifier: GPL-2.0
/* Busy waiting, by the clock. */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/time64.h>
#include <asm/entry.h>

static void delay_ns(u64 ns)
{
	u64 end = wasm_clock() + ns;

	while (wasm_clock() < end)
		cpu_relax();
}

void __ndelay(unsigned long nsecs)
{
	delay_ns(nsecs);
}
EXPORT_SYMBOL(__ndelay);

void __udelay(unsigned long usecs)
{
	delay_ns(usecs * 1000ULL);
}
EXPORT_SYMBOL(__udelay);

void __delay(unsigned long cycles)
{
	delay_ns(cycles);
}
EXPORT_SYMBOL(__delay);

/* asm-generic/delay.h: xloops is microseconds * 2^32 / 10^6. */
void __const_udelay(unsigned long xloops)
{
	delay_ns(((u64)xloops * NSEC_PER_SEC) >> 32);
}
EXPORT_SYMBOL(__const_udelay);

void __bad_udelay(void)
{
	BUG();
}
EXPORT_SYMBOL(__bad_udelay);

void __bad_ndelay(void)
{
	BUG();
}
EXPORT_SYMBOL(__bad_ndelay);
