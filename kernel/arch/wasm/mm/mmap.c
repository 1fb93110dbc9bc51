// SPDX-License-Identifier: GPL-2.0
/*
 * User mappings. A program's memory grows and never shrinks; VMAs say which parts
 * of it are in use and what for. Below mm->mmap_base lie the program's image and
 * its arguments; above, do_mmap() hands out holes (cleared) before it lets the
 * memory grow (zero already). Nothing is enforced by the engine: a program may
 * touch what it has unmapped; the kernel's own accesses ask mm/access.c.
 *
 * A private file mapping is read in when it is made; shared ones are mm/shared.c's.
 * The break begins at mmap_base, too, and moves as long as nothing is mapped there.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/major.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/shmem_fs.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/host.h>
#include <asm/mmu_context.h>
#include <asm/shared.h>
#include "../../../mm/internal.h"
#include "ranges.h"

/* What RLIMIT_DATA limits. */
static bool is_data(vm_flags_t flags)
{
	return (flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
}

static void account(struct mm_struct *mm, vm_flags_t flags, long pages)
{
	if (pages < 0)
		update_hiwater_vm(mm);
	mm->total_vm += pages;
	if (is_data(flags))
		mm->data_vm += pages;
	if (flags & VM_LOCKED)
		mm->locked_vm += pages;
}

static unsigned long vma_page_count(const struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

static void free_vma(struct vm_area_struct *vma)
{
	if (wasm_is_shared(vma))
		wasm_shared_unmap(vma);
	if (vma->vm_ops && vma->vm_ops->close)
		vma->vm_ops->close(vma);
	if (vma->vm_file)
		fput(vma->vm_file);
	vm_area_free(vma);
}

/* Stores vma, whose range is free (or its own), and accounts for it. */
static int store_vma(struct mm_struct *mm, struct vm_area_struct *vma)
{
	VMA_ITERATOR(vmi, mm, vma->vm_start);

	vma_iter_config(&vmi, vma->vm_start, vma->vm_end);
	if (vma_iter_prealloc(&vmi, vma))
		return -ENOMEM;
	vma_iter_store(&vmi, vma);
	mm->map_count++;
	wasm_remapped(mm);
	account(mm, vma->vm_flags, vma_page_count(vma));
	return 0;
}

static bool can_merge(const struct vm_area_struct *lower, const struct vm_area_struct *upper)
{
	const struct mm_struct *mm = lower->vm_mm;

	return lower->vm_end == upper->vm_start && lower->vm_flags == upper->vm_flags &&
	       !lower->vm_file && !upper->vm_file && lower->vm_start >= mm->mmap_base &&
	       upper->vm_start != PAGE_ALIGN(mm->brk);
}

/* Joins private anonymous mappings in and next to [start, end) that are alike. */
void wasm_vma_merge(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	while (start <= end) {
		struct vm_area_struct *lower = vma_lookup(mm, start - 1);
		struct vm_area_struct *upper = vma_lookup(mm, start);
		VMA_ITERATOR(vmi, mm, 0);

		if (!upper)
			return;
		start = upper->vm_end;
		if (!lower || lower == upper || !can_merge(lower, upper))
			continue;
		vma_iter_config(&vmi, lower->vm_start, upper->vm_end);
		if (vma_iter_prealloc(&vmi, lower))
			return;
		lower->vm_end = upper->vm_end;
		vma_iter_store(&vmi, lower);
		vm_area_free(upper);
		mm->map_count--;
	}
}

/* A mapping of what is at [start, end) already. The caller holds the mmap lock. */
int wasm_vma_insert(struct mm_struct *mm, struct file *file, unsigned long start,
		    unsigned long end, vm_flags_t flags, unsigned long pgoff)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);

	if (!vma)
		return -ENOMEM;
	vma->vm_start = start;
	vma->vm_end = end;
	/* VM_PFNMAP keeps get_user_pages() from taking this for kernel memory. */
	vm_flags_init(vma, flags | VM_PFNMAP);
	vma->vm_pgoff = pgoff;
	if (file)
		vma->vm_file = get_file(file);
	if (store_vma(mm, vma)) {
		free_vma(vma);
		return -ENOMEM;
	}
	if (!file)
		wasm_vma_merge(mm, start, end);
	return 0;
}

/* What f_op->mmap() would do with an MMU, for a shared mapping. */
static int map_file(struct file *file, struct vm_area_struct *vma)
{
	int (*mmap)(struct file *, struct vm_area_struct *) = file->f_op->mmap;
	struct inode *inode = file_inode(file);
	const struct address_space_operations *ops;
	int ret = 0;

	if (inode->i_rdev == MKDEV(MEM_MAJOR, 5) && S_ISCHR(inode->i_mode))
		return shmem_zero_setup(vma);	/* /dev/zero */
	if (!mmap || (!S_ISREG(inode->i_mode) && !S_ISBLK(inode->i_mode)))
		return -ENODEV;
	/* These two say ENOSYS without an MMU. */
	if (mmap == generic_file_readonly_mmap && vma_is_shared_maywrite(vma))
		return -EINVAL;
	if (mmap == generic_file_mmap || mmap == generic_file_readonly_mmap)
		file_accessed(file);
	else
		ret = mmap(file, vma);
	if (ret)
		return ret;
	/* It may have put another file in the place of this one. */
	ops = vma->vm_file->f_mapping->a_ops;
	if (vma->vm_private_data || (!ops->read_folio && !shmem_mapping(vma->vm_file->f_mapping)))
		return -ENODEV;
	return vma_is_shared_maywrite(vma) && !ops->write_begin ? -ENODEV : 0;
}

/* A new shared mapping; file NULL: anonymous, which is a file of tmpfs too. */
static int insert_shared(struct mm_struct *mm, struct file *file, unsigned long start,
			 unsigned long end, vm_flags_t flags, unsigned long pgoff, bool moved)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);
	int ret;

	if (!vma)
		return -ENOMEM;
	vma->vm_start = start;
	vma->vm_end = end;
	vm_flags_init(vma, flags | VM_PFNMAP);
	vma->vm_pgoff = file ? pgoff : 0;
	if (file)
		vma->vm_file = get_file(file);
	ret = file ? map_file(file, vma) : shmem_zero_setup(vma);
	if (ret) {
		vma->vm_ops = NULL;	/* what was not opened is not closed */
		vma->vm_private_data = NULL;
	} else {
		ret = wasm_shared_map(vma, moved);
	}
	if (!ret)
		ret = store_vma(mm, vma);
	if (ret)
		free_vma(vma);
	return ret;
}

/* fork: mm gets what another has as a shared mapping. */
static int copy_shared(struct mm_struct *mm, struct vm_area_struct *from)
{
	struct vm_area_struct *vma = vm_area_dup(from);
	int ret;

	if (!vma)
		return -ENOMEM;
	vma->vm_mm = mm;
	vm_flags_clear(vma, VM_LOCKED_MASK);
	get_file(vma->vm_file);
	if (vma->vm_ops && vma->vm_ops->open)
		vma->vm_ops->open(vma);
	ret = wasm_shared_copy(vma);
	if (!ret)
		ret = store_vma(mm, vma);
	if (ret)
		free_vma(vma);
	return ret;
}

int wasm_vma_copy_all(struct mm_struct *mm, struct mm_struct *parent)
{
	VMA_ITERATOR(vmi, parent, 0);
	struct vm_area_struct *vma;
	int ret = 0;

	mmap_write_lock(mm);
	mmap_read_lock(parent);
	for_each_vma(vmi, vma) {
		if (vma->vm_flags & VM_DONTCOPY)
			continue;
		if (vma->vm_flags & VM_WIPEONFORK)
			ret = wasm_clear(mm, vma->vm_start, vma->vm_end - vma->vm_start);
		if (ret)
			break;
		if (wasm_is_shared(vma))
			ret = copy_shared(mm, vma);
		else
			ret = wasm_vma_insert(mm, vma->vm_file, vma->vm_start, vma->vm_end,
					      vma->vm_flags & ~VM_LOCKED_MASK,
					      vma->vm_pgoff);
		if (ret)
			break;
	}
	mmap_read_unlock(parent);
	mmap_write_unlock(mm);
	return ret;
}

/* Makes addr a boundary between VMAs, if it lies inside one. */
int wasm_vma_split(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr), *upper;
	VMA_ITERATOR(vmi, mm, addr);

	if (!vma || vma->vm_start == addr)
		return 0;
	if (mm->map_count >= sysctl_max_map_count)
		return -ENOMEM;
	upper = vm_area_dup(vma);
	if (!upper)
		return -ENOMEM;
	upper->vm_start = addr;
	upper->vm_pgoff += (addr - vma->vm_start) >> PAGE_SHIFT;
	vma_iter_config(&vmi, addr, vma->vm_end);
	if (vma_iter_prealloc(&vmi, upper)) {
		vm_area_free(upper);
		return -ENOMEM;
	}
	if (upper->vm_file)
		get_file(upper->vm_file);
	if (upper->vm_ops && upper->vm_ops->open)
		upper->vm_ops->open(upper);
	if (wasm_is_shared(vma))
		wasm_shared_split(vma, upper);
	/* Storing the upper half over the whole leaves the lower half. */
	vma->vm_end = addr;
	vma_iter_store(&vmi, upper);
	mm->map_count++;
	return 0;
}

/* Where the last mapping ends, or the image with its arguments. */
static unsigned long mapped_end(struct mm_struct *mm)
{
	MA_STATE(mas, &mm->mm_mt, ULONG_MAX, ULONG_MAX);
	struct vm_area_struct *last = mas_find_rev(&mas, 0);

	return last ? max(last->vm_end, mm->mmap_base) : mm->mmap_base;
}

int do_munmap(struct mm_struct *mm, unsigned long start, size_t len, struct list_head *uf)
{
	unsigned long end = start + PAGE_ALIGN(len);
	struct vm_area_struct *vma;
	int ret;

	if (!len || offset_in_page(start) || end <= start)
		return -EINVAL;
	/* The image and the arguments stay: code and data have no other place. */
	if (start < mm->mmap_base)
		return -EINVAL;
	ret = wasm_vma_split(mm, start);
	if (!ret)
		ret = wasm_vma_split(mm, end);
	if (ret)
		return ret;
	while ((vma = find_vma_intersection(mm, start, end))) {
		VMA_ITERATOR(vmi, mm, vma->vm_start);

		start = vma->vm_end;
		if (wasm_is_shared(vma) && wasm_shared_leave(vma))
			continue;
		vma_iter_config(&vmi, vma->vm_start, vma->vm_end);
		if (vma_iter_clear_gfp(&vmi, vma->vm_start, vma->vm_end, GFP_KERNEL))
			return -ENOMEM;
		mm->map_count--;
		wasm_remapped(mm);
		account(mm, vma->vm_flags, -(long)vma_page_count(vma));
		free_vma(vma);
	}
	wasm_space_trim(mm, mapped_end(mm));
	return 0;
}

/* Fills [to, to + len) from the file; what lies behind its end stays as it is. */
int wasm_read_in(struct mm_struct *mm, struct file *file, unsigned long to, unsigned long len,
		 loff_t pos)
{
	void *page = (void *)__get_free_page(GFP_KERNEL);
	unsigned long done = 0;
	ssize_t n = 0;

	if (!page)
		return -ENOMEM;
	while (done < len) {
		n = kernel_read(file, page, min(len - done, PAGE_SIZE), &pos);
		if (n <= 0)
			break;
		if (wasm_fill(mm, to + done, page, n)) {
			n = -EFAULT;
			break;
		}
		done += n;
	}
	free_page((unsigned long)page);
	return n < 0 ? n : 0;
}

bool wasm_may_expand(struct mm_struct *mm, vm_flags_t flags, unsigned long pages)
{
	if (mm->total_vm + pages > rlimit(RLIMIT_AS) >> PAGE_SHIFT)
		return false;
	return !is_data(flags) || mm->data_vm + pages <= rlimit(RLIMIT_DATA) >> PAGE_SHIFT;
}

/* A hole of len bytes, or new memory behind the end; *zero: nobody wrote to it. */
static unsigned long find_room(struct mm_struct *mm, unsigned long len, bool *zero)
{
	unsigned long base = mm->mmap_base, end = mm->context.space.size;
	unsigned long tail, addr;
	MA_STATE(mas, &mm->mm_mt, 0, 0);

	*zero = false;
	if (end > base && !mas_empty_area(&mas, base, end - 1, len))
		return wasm_space_use(mm, mas.index + len) ? -ENOMEM : mas.index;
	/* Take what is free at the end, and grow by the rest. */
	mas_set(&mas, end - 1);
	for (tail = end; tail > base && !mas_walk(&mas); mas_set(&mas, tail - 1))
		tail = max(mas.index, base);
	addr = wasm_space_grow(mm, ALIGN(len - (end - tail), SZ_64K));
	if (!addr)
		return -ENOMEM;
	/* A program without our libc has grown its memory itself: begin again. */
	if (addr != end)
		return find_room(mm, len, zero);
	*zero = tail == end;
	return tail;
}

static int check_file(struct file *file, unsigned long prot, unsigned long flags)
{
	if (!file)
		return 0;
	if (!(file->f_mode & FMODE_READ))
		return -EACCES;
	if ((flags & MAP_TYPE) == MAP_PRIVATE && !(file->f_mode & FMODE_CAN_READ))
		return -ENODEV;
	if (S_ISDIR(file_inode(file)->i_mode))
		return -ENODEV;
	if ((flags & MAP_TYPE) != MAP_PRIVATE && (file->f_mode & FMODE_WRITE ?
	    IS_APPEND(file_inode(file)) : prot & PROT_WRITE))
		return -EACCES;
	return 0;
}

static vm_flags_t mapping_flags(struct file *file, unsigned long prot, unsigned long flags)
{
	vm_flags_t vm_flags = calc_vm_prot_bits(prot, 0) | calc_vm_flag_bits(file, flags) |
			      VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;

	if ((flags & MAP_TYPE) == MAP_PRIVATE)
		return vm_flags;
	vm_flags |= VM_MAYSHARE | VM_SHARED;
	return file && !(file->f_mode & FMODE_WRITE) ? vm_flags & ~(VM_MAYWRITE | VM_SHARED)
						     : vm_flags;
}

static unsigned long map_fixed(struct mm_struct *mm, unsigned long addr,
			       unsigned long len, unsigned long flags)
{
	unsigned long end = addr + len, size = mm->context.space.size;
	int ret;

	if (offset_in_page(addr) || end < addr)
		return -EINVAL;
	if (addr < mm->mmap_base)
		return -EPERM;
	if (find_vma_intersection(mm, addr, end)) {
		if (flags & MAP_FIXED_NOREPLACE)
			return -EEXIST;
		/* Another mapping of the program's is to stay: see mm/shared.c. */
		if (wasm_shared_is_again(mm, addr, end))
			return -EBUSY;
		ret = do_munmap(mm, addr, len, NULL);
		if (ret)
			return ret;
	}
	if (end > size ? !wasm_space_grow(mm, ALIGN(end - size, SZ_64K)) : wasm_space_use(mm, end))
		return -ENOMEM;
	return addr;
}

/* Is the place that the program would like free, and no gap of unused memory before it? */
static bool can_have(struct mm_struct *mm, unsigned long addr, unsigned long len)
{
	return addr >= mm->mmap_base && addr <= mm->context.space.size && addr + len > addr &&
	       !find_vma_intersection(mm, addr, addr + len);
}

unsigned long do_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags, vm_flags_t vm_flags,
		      unsigned long pgoff, unsigned long *populate, struct list_head *uf)
{
	struct mm_struct *mm = current->mm;
	unsigned long hint = addr;
	bool zero = false;
	int ret;

	*populate = 0;
	if (!len)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	if (!len)
		return -ENOMEM;
	if (pgoff + (len >> PAGE_SHIFT) < pgoff)
		return -EOVERFLOW;
	switch (flags & MAP_TYPE) {
	case MAP_PRIVATE:
	case MAP_SHARED:
		break;
	case MAP_SHARED_VALIDATE:
		if (file)
			break;
		fallthrough;
	default:
		return -EINVAL;
	}
	/* Nothing notices an access below the mapping, at which it would have to grow. */
	if (flags & MAP_GROWSDOWN)
		return -EOPNOTSUPP;
	if ((flags & MAP_HUGETLB) && !file)
		return -EINVAL;
	if ((flags & MAP_TYPE) == MAP_SHARED_VALIDATE && (flags & ~LEGACY_MAP_MASK))
		return -EOPNOTSUPP;
	ret = check_file(file, prot, flags);
	if (ret)
		return ret;
	vm_flags |= mapping_flags(file, prot, flags) | (mm->def_flags & VM_LOCKED_MASK);
	if ((flags & MAP_LOCKED) && !rlimit(RLIMIT_MEMLOCK) && !capable(CAP_IPC_LOCK))
		return -EPERM;
	if ((vm_flags & VM_LOCKED) && !wasm_may_lock(mm, len >> PAGE_SHIFT))
		return -EAGAIN;
	ret = file ? memfd_check_seals_mmap(file, &vm_flags) : 0;
	if (ret)
		return ret;
	if (mm->map_count >= sysctl_max_map_count ||
	    !wasm_may_expand(mm, vm_flags, len >> PAGE_SHIFT))
		return -ENOMEM;

	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		addr = map_fixed(mm, addr, len, flags);
	} else {
		if (file && (vm_flags & VM_MAYSHARE)) {
			addr = wasm_shared_again(mm, file, len >> PAGE_SHIFT, pgoff, vm_flags);
			if (addr)
				return addr;
		}
		addr = PAGE_ALIGN(hint);
		if (can_have(mm, addr, len))
			addr = map_fixed(mm, addr, len, MAP_FIXED_NOREPLACE);
		else
			addr = find_room(mm, len, &zero);
	}
	if (IS_ERR_VALUE(addr))
		return addr;
	if (!zero && wasm_clear(mm, addr, len))
		return -ENOMEM;
	if (vm_flags & VM_MAYSHARE) {
		ret = insert_shared(mm, file, addr, addr + len, vm_flags, pgoff, false);
		return ret ? ret : addr;
	}
	if (file) {
		ret = wasm_read_in(mm, file, addr, len, (loff_t)pgoff << PAGE_SHIFT);
		if (ret)
			return ret;
	}
	ret = wasm_vma_insert(mm, file, addr, addr + len, vm_flags, pgoff);
	return ret ? ret : addr;
}

/* Is [start, end) free for a mapping to grow into, or can it be made so? */
static bool can_extend(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	unsigned long size = mm->context.space.size;

	if (end < start || find_vma_intersection(mm, start, end))
		return false;
	if (end <= size)
		return !wasm_space_use(mm, end);
	return wasm_space_grow(mm, ALIGN(end - size, SZ_64K)) == size;
}

static unsigned long extend(struct mm_struct *mm, struct vm_area_struct *vma,
			    unsigned long end)
{
	unsigned long old_end = vma->vm_end;
	VMA_ITERATOR(vmi, mm, vma->vm_start);
	int ret;

	vma_iter_config(&vmi, vma->vm_start, end);
	vma->vm_end = end;
	if (vma_iter_prealloc(&vmi, vma)) {
		vma->vm_end = old_end;
		return -ENOMEM;
	}
	vma_iter_store(&vmi, vma);
	wasm_remapped(mm);
	account(mm, vma->vm_flags, (end - old_end) >> PAGE_SHIFT);
	ret = wasm_clear(mm, old_end, end - old_end);
	if (!ret && vma->vm_file)
		ret = wasm_read_in(mm, vma->vm_file, old_end, end - old_end,
				   wasm_file_offset(vma, old_end));
	return ret;
}

/* More pages for the break, which ended at `from`. */
static int grow_heap(struct mm_struct *mm, unsigned long from, unsigned long to)
{
	vm_flags_t flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC |
			   (mm->def_flags & VM_LOCKED_MASK);
	unsigned long pages = (to - from) >> PAGE_SHIFT;
	struct vm_area_struct *vma;

	if (!wasm_may_expand(mm, flags, pages) || mm->map_count >= sysctl_max_map_count ||
	    ((flags & VM_LOCKED) && !wasm_may_lock(mm, pages)) || !can_extend(mm, from, to))
		return -ENOMEM;
	vma = from > mm->start_brk ? vma_lookup(mm, from - 1) : NULL;
	if (vma && !vma->vm_file && vma->vm_flags == (flags | VM_PFNMAP))
		return extend(mm, vma, to);
	return wasm_clear(mm, from, to - from) ?: wasm_vma_insert(mm, NULL, from, to, flags, 0);
}

SYSCALL_DEFINE1(brk, unsigned long, brk)
{
	struct mm_struct *mm = current->mm;
	unsigned long from, to = PAGE_ALIGN(brk);
	int ret = 0;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	from = PAGE_ALIGN(mm->brk);
	if (brk < mm->start_brk || to < brk ||
	    check_data_rlimit(rlimit(RLIMIT_DATA), brk, mm->start_brk, mm->end_data, mm->start_data))
		ret = -ENOMEM;
	else if (to < from)
		ret = do_munmap(mm, to, from - to, NULL);
	else if (to > from)
		ret = grow_heap(mm, from, to);
	if (!ret)
		mm->brk = brk;
	brk = mm->brk;
	mmap_write_unlock(mm);
	return brk;
}

static unsigned long move_mapping(struct mm_struct *mm, struct vm_area_struct *vma,
				  unsigned long addr, unsigned long old_len,
				  unsigned long new_len, unsigned long flags,
				  unsigned long new_addr)
{
	vm_flags_t vm_flags = vma->vm_flags;
	unsigned long pgoff = vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT);
	unsigned long copied = min(old_len, new_len);
	struct file *file = vma->vm_file;
	bool zero = false;
	int ret;

	if (flags & MREMAP_FIXED) {
		if (new_addr < addr + old_len && addr < new_addr + new_len)
			return -EINVAL;
		new_addr = map_fixed(mm, new_addr, new_len, MAP_FIXED);
	} else {
		new_addr = find_room(mm, new_len, &zero);
	}
	if (IS_ERR_VALUE(new_addr))
		return new_addr;
	/* map_fixed() may have split or removed vma: only what was read above counts. */
	if (file)
		get_file(file);
	if (vm_flags & VM_MAYSHARE) {
		/* The page cache has it all then, and the new place gets it from there. */
		wasm_shared_settle(mm);
		ret = zero ? 0 : wasm_clear(mm, new_addr, new_len);
		if (!ret)
			ret = insert_shared(mm, file, new_addr, new_addr + new_len, vm_flags,
					    pgoff, true);
		goto put;
	}
	shim_move(mm->context.space.shim, new_addr, addr, copied);
	ret = zero ? 0 : wasm_clear(mm, new_addr + copied, new_len - copied);
	if (!ret && file && new_len > copied)
		ret = wasm_read_in(mm, file, new_addr + copied, new_len - copied,
				   ((loff_t)pgoff << PAGE_SHIFT) + copied);
	if (!ret)
		ret = wasm_vma_insert(mm, file, new_addr, new_addr + new_len, vm_flags, pgoff);
put:
	if (file)
		fput(file);
	if (ret)
		return ret;
	if (!(flags & MREMAP_DONTUNMAP))
		ret = do_munmap(mm, addr, old_len, NULL);
	else
		ret = wasm_each_part(mm, addr, addr + old_len, wasm_zap_part, 0);
	return ret ? ret : new_addr;
}

unsigned long do_mremap(unsigned long addr, unsigned long old_len,
			unsigned long new_len, unsigned long flags,
			unsigned long new_addr)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long ret;

	if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) && old_len != new_len)
		return -EINVAL;
	if (offset_in_page(addr) || ((flags & MREMAP_FIXED) && offset_in_page(new_addr)))
		return -EINVAL;
	old_len = PAGE_ALIGN(old_len);
	new_len = PAGE_ALIGN(new_len);
	if (!new_len || !old_len)
		return -EINVAL;
	vma = vma_lookup(mm, addr);
	if (!vma || addr < mm->mmap_base)
		return -EFAULT;
	/* What is cut off may be several mappings. */
	if (new_len < old_len && !(flags & MREMAP_FIXED)) {
		ret = do_munmap(mm, addr + new_len, old_len - new_len, NULL);
		return ret ? ret : addr;
	}
	if (old_len > vma->vm_end - addr)
		return -EFAULT;
	/* One page twice: see mm/shared.c. */
	if ((flags & MREMAP_DONTUNMAP) && wasm_is_shared(vma))
		return -EINVAL;
	if (!wasm_may_expand(mm, vma->vm_flags, (flags & MREMAP_DONTUNMAP ? old_len :
						 new_len > old_len ? new_len - old_len : 0) >> PAGE_SHIFT))
		return -ENOMEM;
	if (new_len > old_len && (vma->vm_flags & VM_LOCKED) &&
	    !wasm_may_lock(mm, (new_len - old_len) >> PAGE_SHIFT))
		return -EAGAIN;

	if (!(flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))) {
		if (new_len == old_len)
			return addr;
		if (addr + old_len == vma->vm_end && !wasm_is_shared(vma) &&
		    can_extend(mm, vma->vm_end, addr + new_len)) {
			ret = extend(mm, vma, addr + new_len);
			return ret ? ret : addr;
		}
		if (!(flags & MREMAP_MAYMOVE))
			return -ENOMEM;
	}
	if (wasm_shared_is_again(mm, addr, addr + old_len))
		return -EBUSY;
	return move_mapping(mm, vma, addr, old_len, new_len, flags, new_addr);
}

void exit_mmap(struct mm_struct *mm)
{
	VMA_ITERATOR(vmi, mm, 0);
	struct vm_area_struct *vma;

	mmap_write_lock(mm);
	for_each_vma(vmi, vma)
		free_vma(vma);
	__mt_destroy(&mm->mm_mt);
	mm->total_vm = 0;
	mmap_write_unlock(mm);
	wasm_space_release(mm);
	/* The OOM killer need no longer wait for this one. */
	set_bit(MMF_OOM_SKIP, &mm->flags);
}
