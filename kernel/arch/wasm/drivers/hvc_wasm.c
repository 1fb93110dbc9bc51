// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/hvc0: the terminal that the host connects. Output that the host doesn't
 * take waits in hvc_console's buffer until it raises HOST_IRQ_CONSOLE.
 */
#include <linux/console.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/types.h>
#include <asm/entry.h>
#include <asm/host.h>
#include "../../../drivers/tty/hvc/hvc_console.h"

#define OUTPUT_BUFFER	4096

static struct hvc_struct *console;
static bool host_is_full;

static ssize_t put_chars(u32 vtermno, const u8 *buf, size_t count)
{
	u32 n = host_console_write(buf, count);

	host_is_full = n < count;
	return n ? n : -EAGAIN;
}

static ssize_t get_chars(u32 vtermno, u8 *buf, size_t count)
{
	return host_console_read(buf, count);
}

/* Only when all waits for the host, as printk() does: it makes room in a turn. */
static int flush(u32 vtermno, bool wait)
{
	if (host_is_full)
		wasm_give_turn();
	return 0;
}

void wasm_console_resize(void)
{
	u32 size = host_console_size();
	struct winsize ws = { .ws_col = size >> 16, .ws_row = size & 0xffff };

	if (console && size)
		hvc_resize(console, ws);
}

/* At each first open: a tty that is new does not know its size. */
static int notifier_add(struct hvc_struct *hp, int irq)
{
	hp->irq_requested = 1;
	wasm_console_resize();
	return 0;
}

static void notifier_del(struct hvc_struct *hp, int irq)
{
	hp->irq_requested = 0;
}

static const struct hv_ops hvc_wasm_ops = {
	.get_chars	 = get_chars,
	.put_chars	 = put_chars,
	.flush		 = flush,
	.notifier_add	 = notifier_add,
	.notifier_del	 = notifier_del,
	.notifier_hangup = notifier_del,
};

void wasm_console_interrupt(void)
{
	if (console && hvc_poll(console))
		hvc_kick();
}

static int __init hvc_wasm_console_init(void)
{
	return hvc_instantiate(0, 0, &hvc_wasm_ops);
}
console_initcall(hvc_wasm_console_init);

static int __init hvc_wasm_init(void)
{
	struct hvc_struct *hp = hvc_alloc(0, 0, &hvc_wasm_ops, OUTPUT_BUFFER);

	if (IS_ERR(hp))
		return PTR_ERR(hp);
	console = hp;
	return 0;
}
device_initcall(hvc_wasm_init);
