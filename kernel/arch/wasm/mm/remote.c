// SPDX-License-Identifier: GPL-2.0
/*
 * Access to the memory of another process: /proc/PID/mem, ptrace, the command
 * line in /proc, and process_vm_readv() and writev().
 */
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uio.h>
#include <asm/mmu_context.h>

/* Returns how many bytes were copied: fewer than len at the end of the memory. */
int __access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf,
		       int len, unsigned int gup_flags)
{
	if (len <= 0)
		return 0;
	if (gup_flags & FOLL_WRITE)
		return len - wasm_copy_to_mm(mm, addr, buf, len, gup_flags & FOLL_FORCE);
	return len - wasm_copy_from_mm(mm, buf, addr, len, gup_flags & FOLL_FORCE);
}

/* One remote range; the bytes that were copied, or -EFAULT if there were none. */
static ssize_t copy_range(struct mm_struct *mm, const struct iovec *remote,
			  struct iov_iter *local, void *page, bool write)
{
	unsigned long addr = (unsigned long)remote->iov_base;
	size_t left = remote->iov_len;
	ssize_t done = 0;

	while (left && iov_iter_count(local)) {
		int n = min3(left, iov_iter_count(local), (size_t)PAGE_SIZE);
		int copied;

		if (write) {
			n = copy_from_iter(page, n, local);
			copied = __access_remote_vm(mm, addr, page, n, FOLL_WRITE);
		} else {
			n = __access_remote_vm(mm, addr, page, n, 0);
			copied = copy_to_iter(page, n, local);
		}
		if (copied <= 0)
			return done ? done : -EFAULT;
		done += copied;
		addr += copied;
		left -= copied;
	}
	return done;
}

static ssize_t copy_ranges(struct task_struct *task, struct iov_iter *local,
			   const struct iovec *remote, unsigned long count, bool write)
{
	struct mm_struct *mm = mm_access(task, PTRACE_MODE_ATTACH_REALCREDS);
	ssize_t done = 0, ret = 0;
	unsigned long i;
	void *page;

	if (IS_ERR_OR_NULL(mm)) {
		ret = mm ? PTR_ERR(mm) : -ESRCH;
		/* EACCES is for file access; this call documents EPERM. */
		return ret == -EACCES ? -EPERM : ret;
	}
	page = (void *)__get_free_page(GFP_KERNEL);
	if (!page)
		ret = -ENOMEM;
	for (i = 0; !ret && i < count; i++) {
		ssize_t n = copy_range(mm, &remote[i], local, page, write);

		if (n < 0)
			ret = n;
		else
			done += n;
		if (n >= 0 && n < remote[i].iov_len)
			break;
	}
	free_page((unsigned long)page);
	mmput(mm);
	return done ? done : ret;
}

static ssize_t process_vm_rw(pid_t pid, const struct iovec __user *lvec,
			     unsigned long liovcnt, const struct iovec __user *rvec,
			     unsigned long riovcnt, unsigned long flags, bool write)
{
	struct iovec local_fast[UIO_FASTIOV], *local = local_fast;
	struct iovec remote_fast[UIO_FASTIOV], *remote;
	struct task_struct *task;
	struct iov_iter iter;
	ssize_t ret;

	if (flags)
		return -EINVAL;
	ret = import_iovec(write ? ITER_SOURCE : ITER_DEST, lvec, liovcnt,
			   UIO_FASTIOV, &local, &iter);
	if (ret < 0)
		return ret;
	if (!iov_iter_count(&iter))
		goto free_local;
	remote = iovec_from_user(rvec, riovcnt, UIO_FASTIOV, remote_fast, false);
	if (IS_ERR(remote)) {
		ret = PTR_ERR(remote);
		goto free_local;
	}
	task = find_get_task_by_vpid(pid);
	if (task) {
		ret = copy_ranges(task, &iter, remote, riovcnt, write);
		put_task_struct(task);
	} else {
		ret = -ESRCH;
	}
	if (remote != remote_fast)
		kfree(remote);
free_local:
	kfree(local);
	return ret;
}

SYSCALL_DEFINE6(process_vm_readv, pid_t, pid, const struct iovec __user *, lvec,
		unsigned long, liovcnt, const struct iovec __user *, rvec,
		unsigned long, riovcnt, unsigned long, flags)
{
	return process_vm_rw(pid, lvec, liovcnt, rvec, riovcnt, flags, false);
}

SYSCALL_DEFINE6(process_vm_writev, pid_t, pid, const struct iovec __user *, lvec,
		unsigned long, liovcnt, const struct iovec __user *, rvec,
		unsigned long, riovcnt, unsigned long, flags)
{
	return process_vm_rw(pid, lvec, liovcnt, rvec, riovcnt, flags, true);
}
