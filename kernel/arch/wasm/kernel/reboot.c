// SPDX-License-Identifier: GPL-2.0
/*
 * The end of the machine: power-off, reboot, a command's exit status, panic; and
 * the log's tail for the host's report on a dead kernel.
 */
#include <linux/console.h>
#include <linux/init.h>
#include <linux/kmsg_dump.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/pm.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <asm/entry.h>
#include <asm/host.h>

/* reboot(LINUX_REBOOT_CMD_RESTART2, "exit N") ends the machine with status N. */
void machine_restart(char *cmd)
{
	unsigned int status;

	if (cmd && str_has_prefix(cmd, "exit ") && !kstrtouint(cmd + 5, 10, &status))
		host_halt(HOST_HALT_EXIT, status, NULL);
	host_halt(HOST_HALT_RESTART, 0, NULL);
}

void machine_halt(void)
{
	host_halt(HOST_HALT_HALT, 0, NULL);
}

void machine_power_off(void)
{
	host_halt(HOST_HALT_POWER_OFF, 0, NULL);
}

void (*pm_power_off)(void) = machine_power_off;

/* Last of the notifiers: a panicked kernel would spin for ever. */
static int end_in_panic(struct notifier_block *nb, unsigned long event, void *message)
{
	console_flush_on_panic(CONSOLE_FLUSH_PENDING);
	host_halt(HOST_HALT_PANIC, 0, message);
}

static struct notifier_block panic_notifier = {
	.notifier_call = end_in_panic,
	.priority = INT_MIN,
};

static int __init register_panic_notifier(void)
{
	return atomic_notifier_chain_register(&panic_notifier_list, &panic_notifier);
}
pure_initcall(register_panic_notifier);

u32 wasm_log_tail(void *buf, u32 n)
{
	struct kmsg_dump_iter iter;
	size_t len = 0;

	kmsg_dump_rewind(&iter);
	kmsg_dump_get_buffer(&iter, false, buf, n, &len);
	return len;
}
