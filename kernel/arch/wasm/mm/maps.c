// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/PID/maps, smaps, smaps_rollup, pagemap and clear_refs, as kernels with an
 * MMU show them: fs/proc/task_nommu.c knows kernel memory only. All that is mapped
 * is resident, and each process's own: also a page that it shares is in its memory
 * once more (mm/shared.c). So Pss is Rss.
 */
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/shmem_fs.h>
#include <linux/uaccess.h>
#include <asm/shared.h>
#include "../../../fs/proc/internal.h"

static void show_name(struct seq_file *m, struct vm_area_struct *vma)
{
	const char *name = "";

	if (vma->vm_file) {
		seq_pad(m, ' ');
		seq_path(m, file_user_path(vma->vm_file), "\n");
	} else if (vma_is_initial_heap(vma)) {
		name = "[heap]";
	} else if (vma_is_initial_stack(vma)) {
		name = "[stack]";
	}
	if (*name) {
		seq_pad(m, ' ');
		seq_puts(m, name);
	}
	seq_putc(m, '\n');
}

static int show_map(struct seq_file *m, void *v)
{
	struct vm_area_struct *vma = v;
	struct inode *inode = vma->vm_file ? file_inode(vma->vm_file) : NULL;
	dev_t dev = inode ? inode->i_sb->s_dev : 0;

	seq_setwidth(m, 25 + sizeof(void *) * 6 - 1);
	seq_printf(m, "%08lx-%08lx %c%c%c%c %08llx %02x:%02x %lu ", vma->vm_start, vma->vm_end,
		   vma->vm_flags & VM_READ ? 'r' : '-', vma->vm_flags & VM_WRITE ? 'w' : '-',
		   vma->vm_flags & VM_EXEC ? 'x' : '-', wasm_is_shared(vma) ? 's' : 'p',
		   inode ? (u64)vma->vm_pgoff << PAGE_SHIFT : 0, MAJOR(dev), MINOR(dev),
		   inode ? inode->i_ino : 0);
	show_name(m, vma);
	return 0;
}

/* Bytes of some mappings, by kind. */
struct sizes {
	unsigned long anon, file, shmem, shared, locked;
};

static void add_sizes(struct sizes *sizes, const struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;

	if (!wasm_is_shared(vma))
		sizes->anon += size;
	else if (shmem_mapping(vma->vm_file->f_mapping))
		sizes->shmem += size;
	else
		sizes->file += size;
	if (wasm_is_shared(vma))
		sizes->shared += size;
	if (vma->vm_flags & VM_LOCKED)
		sizes->locked += size;
}

static void show_kb(struct seq_file *m, const char *name, unsigned long bytes)
{
	seq_printf(m, "%-15s %8lu kB\n", name, bytes >> 10);
}

static void show_sizes(struct seq_file *m, const struct sizes *sizes, bool rollup)
{
	unsigned long all = sizes->anon + sizes->file + sizes->shmem;

	show_kb(m, "Rss:", all);
	show_kb(m, "Pss:", all);
	show_kb(m, "Pss_Dirty:", all);
	if (rollup) {
		show_kb(m, "Pss_Anon:", sizes->anon);
		show_kb(m, "Pss_File:", sizes->file);
		show_kb(m, "Pss_Shmem:", sizes->shmem);
	}
	show_kb(m, "Shared_Clean:", 0);
	show_kb(m, "Shared_Dirty:", sizes->shared);
	show_kb(m, "Private_Clean:", 0);
	show_kb(m, "Private_Dirty:", all - sizes->shared);
	show_kb(m, "Referenced:", all);
	show_kb(m, "Anonymous:", sizes->anon);
	show_kb(m, "KSM:", 0);
	show_kb(m, "LazyFree:", 0);
	show_kb(m, "AnonHugePages:", 0);
	show_kb(m, "ShmemPmdMapped:", 0);
	show_kb(m, "FilePmdMapped:", 0);
	show_kb(m, "Shared_Hugetlb:", 0);
	show_kb(m, "Private_Hugetlb:", 0);
	show_kb(m, "Swap:", 0);
	show_kb(m, "SwapPss:", 0);
	show_kb(m, "Locked:", sizes->locked);
}

static void show_flags(struct seq_file *m, vm_flags_t flags)
{
	static const struct {
		vm_flags_t flag;
		char name[3];
	} names[] = {
		{ VM_READ, "rd" }, { VM_WRITE, "wr" }, { VM_EXEC, "ex" }, { VM_SHARED, "sh" },
		{ VM_MAYREAD, "mr" }, { VM_MAYWRITE, "mw" }, { VM_MAYEXEC, "me" },
		{ VM_MAYSHARE, "ms" }, { VM_LOCKED, "lo" }, { VM_DONTCOPY, "dc" },
		{ VM_LOCKONFAULT, "lf" }, { VM_NORESERVE, "nr" }, { VM_WIPEONFORK, "wf" },
		{ VM_DONTDUMP, "dd" },
	};

	seq_puts(m, "VmFlags: ");
	for (int i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			seq_printf(m, "%s ", names[i].name);
	seq_putc(m, '\n');
}

static int show_smap(struct seq_file *m, void *v)
{
	struct vm_area_struct *vma = v;
	struct sizes sizes = {};

	add_sizes(&sizes, vma);
	show_map(m, v);
	show_kb(m, "Size:", vma->vm_end - vma->vm_start);
	show_kb(m, "KernelPageSize:", PAGE_SIZE);
	show_kb(m, "MMUPageSize:", PAGE_SIZE);
	show_sizes(m, &sizes, false);
	seq_printf(m, "THPeligible:    %8u\n", 0);
	show_flags(m, vma->vm_flags);
	return 0;
}

/* Until unlock_mm(). 0; -ESRCH: no such process; -ENOENT: a zombie; -EINTR. */
static int lock_mm(struct proc_maps_private *priv)
{
	int ret = -ENOENT;

	priv->task = get_proc_task(priv->inode);
	if (!priv->task)
		return -ESRCH;
	if (mmget_not_zero(priv->mm)) {
		ret = mmap_read_lock_killable(priv->mm);
		if (!ret)
			return 0;
		mmput(priv->mm);
	}
	put_task_struct(priv->task);
	priv->task = NULL;
	return ret;
}

static void unlock_mm(struct proc_maps_private *priv)
{
	if (!priv->task)
		return;
	mmap_read_unlock(priv->mm);
	mmput(priv->mm);
	put_task_struct(priv->task);
	priv->task = NULL;
}

static void *next_vma(struct seq_file *m, void *v, loff_t *pos)
{
	struct proc_maps_private *priv = m->private;
	struct vm_area_struct *vma = vma_next(&priv->iter);

	*pos = vma ? vma->vm_start : -1UL;
	return vma;
}

/* The position is an address, or -1 behind the last mapping. */
static void *start_at(struct seq_file *m, loff_t *pos)
{
	struct proc_maps_private *priv = m->private;
	int ret;

	if (*pos == -1UL)
		return NULL;
	ret = lock_mm(priv);
	if (ret)
		return ret == -ENOENT ? NULL : ERR_PTR(ret);
	vma_iter_init(&priv->iter, priv->mm, *pos);
	return next_vma(m, NULL, pos);
}

static void stop(struct seq_file *m, void *v)
{
	unlock_mm(m->private);
}

static const struct seq_operations maps_ops = {
	.start = start_at, .next = next_vma, .stop = stop, .show = show_map
};

static const struct seq_operations smaps_ops = {
	.start = start_at, .next = next_vma, .stop = stop, .show = show_smap
};

static int get_mm(struct proc_maps_private *priv, struct inode *inode)
{
	priv->inode = inode;
	priv->mm = proc_mem_open(inode, PTRACE_MODE_READ);
	if (IS_ERR_OR_NULL(priv->mm))
		return priv->mm ? PTR_ERR(priv->mm) : -ESRCH;
	return 0;
}

static int open_list(struct inode *inode, struct file *file, const struct seq_operations *ops)
{
	struct proc_maps_private *priv = __seq_open_private(file, ops, sizeof(*priv));
	int ret;

	if (!priv)
		return -ENOMEM;
	ret = get_mm(priv, inode);
	if (ret)
		seq_release_private(inode, file);
	return ret;
}

static int open_maps(struct inode *inode, struct file *file)
{
	return open_list(inode, file, &maps_ops);
}

static int open_smaps(struct inode *inode, struct file *file)
{
	return open_list(inode, file, &smaps_ops);
}

static int release_list(struct inode *inode, struct file *file)
{
	struct proc_maps_private *priv = ((struct seq_file *)file->private_data)->private;

	mmdrop(priv->mm);
	return seq_release_private(inode, file);
}

const struct file_operations proc_pid_maps_operations = {
	.open = open_maps, .read = seq_read, .llseek = seq_lseek, .release = release_list
};

const struct file_operations proc_pid_smaps_operations = {
	.open = open_smaps, .read = seq_read, .llseek = seq_lseek, .release = release_list
};

static int show_rollup(struct seq_file *m, void *v)
{
	struct proc_maps_private *priv = m->private;
	unsigned long start = ULONG_MAX, end = 0;
	struct vm_area_struct *vma;
	struct sizes sizes = {};
	int ret = lock_mm(priv);
	VMA_ITERATOR(vmi, priv->mm, 0);

	if (ret)
		return ret == -ENOENT ? -ESRCH : ret;
	for_each_vma(vmi, vma) {
		start = min(start, vma->vm_start);
		end = vma->vm_end;
		add_sizes(&sizes, vma);
	}
	unlock_mm(priv);
	seq_setwidth(m, 25 + sizeof(void *) * 6 - 1);
	seq_printf(m, "%08lx-%08lx ---p 00000000 00:00 0 ", min(start, end), end);
	seq_pad(m, ' ');
	seq_puts(m, "[rollup]\n");
	show_sizes(m, &sizes, true);
	return 0;
}

static int open_rollup(struct inode *inode, struct file *file)
{
	struct proc_maps_private *priv = kzalloc(sizeof(*priv), GFP_KERNEL_ACCOUNT);
	int ret = priv ? get_mm(priv, inode) : -ENOMEM;

	if (!ret) {
		ret = single_open(file, show_rollup, priv);
		if (!ret)
			return 0;
		mmdrop(priv->mm);
	}
	kfree(priv);
	return ret;
}

static int release_rollup(struct inode *inode, struct file *file)
{
	struct proc_maps_private *priv = ((struct seq_file *)file->private_data)->private;

	mmdrop(priv->mm);
	kfree(priv);
	return single_release(inode, file);
}

const struct file_operations proc_pid_smaps_rollup_operations = {
	.open = open_rollup, .read = seq_read, .llseek = seq_lseek, .release = release_rollup
};

/* A page's word: present, and of a file or shared. It has no frame number here. */
#define PAGE_PRESENT	BIT_ULL(63)
#define PAGE_FILE	BIT_ULL(61)
#define PAGE_EXCLUSIVE	BIT_ULL(56)

static u64 page_word(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);

	if (!vma)
		return 0;
	return PAGE_PRESENT | (wasm_is_shared(vma) ? PAGE_FILE : PAGE_EXCLUSIVE);
}

static ssize_t read_pagemap(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct mm_struct *mm = file->private_data;
	size_t done = 0;

	if (*pos % sizeof(u64) || count % sizeof(u64))
		return -EINVAL;
	if (!mm || !mmget_not_zero(mm))
		return 0;
	for (; done < count && *pos >> 3 <= ULONG_MAX >> PAGE_SHIFT; done += sizeof(u64)) {
		u64 word;

		if (mmap_read_lock_killable(mm))
			break;
		word = page_word(mm, (unsigned long)(*pos >> 3) << PAGE_SHIFT);
		mmap_read_unlock(mm);
		if (copy_to_user(buf + done, &word, sizeof(word))) {
			mmput(mm);
			return done ? done : -EFAULT;
		}
		*pos += sizeof(u64);
	}
	mmput(mm);
	return done;
}

static int open_pagemap(struct inode *inode, struct file *file)
{
	struct mm_struct *mm = proc_mem_open(inode, PTRACE_MODE_READ);

	if (IS_ERR_OR_NULL(mm))
		return mm ? PTR_ERR(mm) : -ESRCH;
	file->private_data = mm;
	return 0;
}

static int release_pagemap(struct inode *inode, struct file *file)
{
	mmdrop(file->private_data);
	return 0;
}

const struct file_operations proc_pagemap_operations = {
	.open = open_pagemap, .read = read_pagemap, .llseek = mem_lseek, .release = release_pagemap
};

/* No engine tells what was referenced or written: 1 to 4 clear nothing. */
#define CLEAR_HIWATER_RSS	5

static ssize_t write_clear_refs(struct file *file, const char __user *buf, size_t count,
				loff_t *pos)
{
	struct task_struct *task;
	struct mm_struct *mm;
	unsigned int what;
	int ret = kstrtouint_from_user(buf, count, 10, &what);

	if (ret)
		return ret;
	if (what < 1 || what > CLEAR_HIWATER_RSS)
		return -EINVAL;
	task = get_proc_task(file_inode(file));
	if (!task)
		return -ESRCH;
	mm = get_task_mm(task);
	if (mm && what == CLEAR_HIWATER_RSS)
		reset_mm_hiwater_rss(mm);
	if (mm)
		mmput(mm);
	put_task_struct(task);
	return count;
}

const struct file_operations proc_clear_refs_operations = {
	.write = write_clear_refs, .llseek = noop_llseek
};
