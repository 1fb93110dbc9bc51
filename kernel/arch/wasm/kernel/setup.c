// SPDX-License-Identifier: GPL-2.0
/*
 * From the host's call of start() to start_kernel(), and what generic start-up
 * asks of the architecture: memory, initrd, command line, early console.
 */
#include <linux/console.h>
#include <linux/init.h>
#include <linux/initrd.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched/task.h>
#include <linux/start_kernel.h>
#include <linux/string.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/setup.h>

/* First byte behind data, bss and wasm-ld's own stack: made by wasm-ld. */
extern char __heap_base[];

struct task_struct *wasm_current = &init_task;
EXPORT_SYMBOL(wasm_current);

static char command_line[COMMAND_LINE_SIZE] __initdata;
static unsigned long boot_memory __initdata;
static void *boot_initrd __initdata;
static u32 boot_initrd_len __initdata;

/* Has a frame on init_stack, where start() may have none. */
static noinline void boot(void)
{
	start_kernel();
}

void wasm_start(u32 memory, void *initrd, u32 initrd_len, void *cmdline, u32 cmdline_len)
{
	boot_memory = memory;
	boot_initrd = initrd;
	boot_initrd_len = initrd_len;
	memcpy(boot_command_line, cmdline, min_t(u32, cmdline_len, COMMAND_LINE_SIZE - 1));
	wasm_set_sp(wasm_stack_base(&init_task));
	boot();
}

static void __init seed_random(void)
{
	u8 seed[64];

	host_random_seed(seed, sizeof(seed));
	add_bootloader_randomness(seed, sizeof(seed));
	memzero_explicit(seed, sizeof(seed));
}

static void early_write(struct console *con, const char *s, unsigned int n)
{
	host_console_write(s, n);
}

static struct console boot_console __initdata = {
	.name	= "wasm",
	.write	= early_write,
	.flags	= CON_PRINTBUFFER | CON_BOOT | CON_ANYTIME,
	.index	= -1,
};

/* "earlycon" alone: "console=NAME" comes here as well. */
static int __init setup_boot_console(char *arg)
{
	if (!arg || !*arg)
		register_console(&boot_console);
	return 0;
}
early_param("earlycon", setup_boot_console);

void __init setup_arch(char **cmdline_p)
{
	unsigned long max_zone_pfn[MAX_NR_ZONES] = { 0 };

	strscpy(command_line, boot_command_line, COMMAND_LINE_SIZE);
	*cmdline_p = command_line;

	memory_end = boot_memory;
	memblock_add(0, boot_memory);
	memblock_reserve(0, PAGE_ALIGN((unsigned long)__heap_base));
	if (boot_initrd_len) {
		initrd_start = (unsigned long)boot_initrd;
		initrd_end = initrd_start + boot_initrd_len;
		memblock_reserve(initrd_start, boot_initrd_len);
	}
	seed_random();
	min_low_pfn = 0;
	max_low_pfn = max_pfn = PFN_DOWN(boot_memory);
	parse_early_param();

	max_zone_pfn[ZONE_NORMAL] = max_low_pfn;
	free_area_init(max_zone_pfn);
}
