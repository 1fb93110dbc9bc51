// SPDX-License-Identifier: GPL-2.0
/*
 * Two more ways to kill the kernel, beside SysRq c (panic), for tests of how the
 * machine ends: x overflows the engine's stack, y the kernel's own one.
 */
#include <linux/init.h>
#include <linux/printk.h>
#include <linux/sched/task_stack.h>
#include <linux/sysrq.h>

#define FRAME	1024

/* Needs no memory, only frames of the engine. It must not become a loop. */
static noinline u32 recurse(u32 depth)
{
	return depth ? recurse(depth - 1) * 3 + depth : 0;
}

static void overflow_engine_stack(u8 key)
{
	pr_emerg("%u\n", recurse(~0U));
}

/* Ends as soon as the canary is gone, so that next to nothing else is. */
static noinline u32 overflow(u32 depth)
{
	volatile u32 frame[FRAME / sizeof(u32)];

	for (u32 i = 0; i < ARRAY_SIZE(frame); i++)
		frame[i] = depth;
	if (*end_of_stack(current) != STACK_END_MAGIC)
		return frame[0];
	return overflow(depth + 1) + frame[1];
}

static void overflow_kernel_stack(u8 key)
{
	pr_info("overflow: %u\n", overflow(0));
}

static const struct sysrq_key_op engine_stack_op = {
	.handler	= overflow_engine_stack,
	.help_msg	= "engine-stack-overflow(x)",
	.action_msg	= "Overflow the engine's stack",
	.enable_mask	= SYSRQ_ENABLE_DUMP,
};

static const struct sysrq_key_op kernel_stack_op = {
	.handler	= overflow_kernel_stack,
	.help_msg	= "kernel-stack-overflow(y)",
	.action_msg	= "Overflow the kernel's stack",
	.enable_mask	= SYSRQ_ENABLE_DUMP,
};

static int __init wasm_sysrq_init(void)
{
	register_sysrq_key('x', &engine_stack_op);
	register_sysrq_key('y', &kernel_stack_op);
	return 0;
}
late_initcall(wasm_sysrq_init);
