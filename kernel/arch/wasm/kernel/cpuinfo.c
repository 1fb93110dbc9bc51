// SPDX-License-Identifier: GPL-2.0
/* /proc/cpuinfo: the one CPU, which is an engine's thread. */
#include <linux/delay.h>
#include <linux/seq_file.h>
#include <asm/processor.h>

static void *c_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? NULL : (void *)1;
}

static void *c_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return NULL;
}

static void c_stop(struct seq_file *m, void *v)
{
}

static int c_show(struct seq_file *m, void *v)
{
	seq_puts(m,
		 "processor\t: 0\n"
		 "vendor_id\t: WebAssembly\n"
		 "model name\t: wasm32\n");
	return 0;
}

const struct seq_operations cpuinfo_op = {
	.start	= c_start,
	.next	= c_next,
	.stop	= c_stop,
	.show	= c_show,
};
