// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of a process in /proc/PID/status, stat and statm, as kernels with an
 * MMU show it: fs/proc/task_nommu.c knows kernel memory only. Code is not in
 * memory here, so text is 0; all that a process has is resident (mm/charge.c).
 */
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include "../../../fs/proc/internal.h"

static void put_kb(struct seq_file *m, const char *name, unsigned long pages)
{
	seq_put_decimal_ull_width(m, name, pages << (PAGE_SHIFT - 10), 8);
	seq_puts(m, " kB\n");
}

void task_mem(struct seq_file *m, struct mm_struct *mm)
{
	put_kb(m, "VmPeak:\t", max(mm->hiwater_vm, mm->total_vm));
	put_kb(m, "VmSize:\t", mm->total_vm);
	put_kb(m, "VmLck:\t", mm->locked_vm);
	put_kb(m, "VmPin:\t", atomic64_read(&mm->pinned_vm));
	put_kb(m, "VmHWM:\t", get_mm_hiwater_rss(mm));
	put_kb(m, "VmRSS:\t", get_mm_rss(mm));
	put_kb(m, "RssAnon:\t", get_mm_counter(mm, MM_ANONPAGES));
	put_kb(m, "RssFile:\t", get_mm_counter(mm, MM_FILEPAGES));
	put_kb(m, "RssShmem:\t", get_mm_counter(mm, MM_SHMEMPAGES));
	put_kb(m, "VmData:\t", mm->data_vm);
	put_kb(m, "VmStk:\t", mm->stack_vm);
	put_kb(m, "VmExe:\t", 0);
	put_kb(m, "VmLib:\t", 0);
	put_kb(m, "VmPTE:\t", 0);
	put_kb(m, "VmSwap:\t", 0);
}

/* Bytes. */
unsigned long task_vsize(struct mm_struct *mm)
{
	return mm->total_vm << PAGE_SHIFT;
}

/* Pages. */
unsigned long task_statm(struct mm_struct *mm, unsigned long *shared, unsigned long *text,
			 unsigned long *data, unsigned long *resident)
{
	*shared = get_mm_counter(mm, MM_FILEPAGES) + get_mm_counter(mm, MM_SHMEMPAGES);
	*text = 0;
	*data = mm->data_vm + mm->stack_vm;
	*resident = get_mm_rss(mm);
	return mm->total_vm;
}
