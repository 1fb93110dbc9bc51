// SPDX-License-Identifier: GPL-2.0
/*
 * exec of wasm modules. The host compiles and instantiates; the module is given
 * to it in pieces and found again by what names the file's contents. Above the
 * program's image the kernel puts the block that _start() gets:
 *
 *   block:  argc | argv[] | 0 | envp[] | 0 | auxv[] | padding | strings | random
 *           4 bytes each                                                 16 bytes
 *
 * The program keeps its own stack, inside its image.
 */
#include <linux/auxvec.h>
#include <linux/binfmts.h>
#include <linux/cred.h>
#include <linux/elf.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/iversion.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/personality.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/mmu_context.h>

#define CHUNK_ORDER	4
#define CHUNK_SIZE	(PAGE_SIZE << CHUNK_ORDER)
#define RANDOM_BYTES	16

static struct linux_binfmt wasm_format;

/* Names a file's exact contents: what the host's cache of modules goes by. */
struct module_key {
	u64 inode;
	u64 version;
	s64 changed_ns;
	s64 size;
	u32 device;
	u32 generation;
	u64 trusted;
};

/*
 * A module that polls, or that need not, says so in its note. Whoever could write
 * a false one could hold the machine, so the host believes root's files only.
 */
static bool is_trusted(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	return uid_eq(inode->i_uid, GLOBAL_ROOT_UID) &&
		!(inode->i_mode & S_IWOTH) &&
		(!(inode->i_mode & S_IWGRP) || gid_eq(inode->i_gid, GLOBAL_ROOT_GID)) &&
		mnt_may_suid(file->f_path.mnt);
}

/*
 * False: the file can't be named so. A file system without change counts only has
 * the time of the change, which is no finer than a tick: it must be past.
 */
static bool make_key(struct inode *inode, struct module_key *key)
{
	struct timespec64 changed = inode_get_ctime(inode), now;

	*key = (struct module_key) {
		.inode = inode->i_ino,
		.changed_ns = timespec64_to_ns(&changed),
		.size = i_size_read(inode),
		.device = new_encode_dev(inode->i_sb->s_dev),
		.generation = inode->i_generation,
	};
	if (IS_I_VERSION(inode)) {
		key->version = inode_query_iversion(inode);
		return true;
	}
	ktime_get_coarse_real_ts64(&now);
	return timespec64_to_ns(&now) - key->changed_ns > 2 * TICK_NSEC;
}

static int send_module(struct file *file, u32 load, loff_t size)
{
	void *chunk = (void *)__get_free_pages(GFP_KERNEL, CHUNK_ORDER);
	loff_t pos = 0;
	ssize_t n;
	int ret = chunk ? 0 : -ENOMEM;

	while (!ret && pos < size) {
		n = kernel_read(file, chunk, min_t(loff_t, CHUNK_SIZE, size - pos), &pos);
		if (n <= 0)
			ret = n ? n : -ENOEXEC;
		else if (fatal_signal_pending(current))
			ret = -EINTR;
		else
			ret = host_module_append(load, chunk, n);
	}
	free_pages((unsigned long)chunk, CHUNK_ORDER);
	return ret;
}

/* Loads that others would make at the same time, of the same contents. */
struct module_load {
	struct list_head list;
	struct module_key key;
};

static LIST_HEAD(loads);
static DECLARE_WAIT_QUEUE_HEAD(loads_end);

static bool is_loading(const struct module_key *key)
{
	struct module_load *load;

	list_for_each_entry(load, &loads, list)
		if (!memcmp(&load->key, key, sizeof(*key)))
			return true;
	return false;
}

/* The compiled module's handle, or a negative errno. */
static s32 make_module(struct file *file, const struct module_key *key, u32 key_len)
{
	s32 load = host_module_begin(key->size, key->trusted), ret;

	if (load < 0)
		return load;
	ret = send_module(file, load, key->size);
	if (ret) {
		host_module_abort(load);
		return ret;
	}
	/* Others run meanwhile: a large module keeps the host busy for seconds. */
	while ((ret = host_module_commit(load, key, key_len)) == -EAGAIN) {
		if (fatal_signal_pending(current)) {
			host_module_abort(load);
			return -EINTR;
		}
		cond_resched();
	}
	return ret;
}

static s32 load_module(struct file *file)
{
	struct module_load load;
	u32 key_len = make_key(file_inode(file), &load.key) ? sizeof(load.key) : 0;
	u32 module;
	s32 ret;

	load.key.trusted = is_trusted(file);
	if (load.key.size > S32_MAX)
		return -ENOEXEC;
	if (!key_len)
		return make_module(file, &load.key, 0);
	while (!(module = host_module_lookup(&load.key, key_len)) && is_loading(&load.key))
		if (wait_event_killable(loads_end, !is_loading(&load.key)))
			return -EINTR;
	if (module)
		return module;
	list_add(&load.list, &loads);
	ret = make_module(file, &load.key, key_len);
	list_del(&load.list);
	wake_up_all(&loads_end);
	return ret;
}

static u32 *put_auxv(struct mm_struct *mm, u32 *to, const u32 (*entries)[2], int n)
{
	memcpy(to, entries, n * sizeof(*entries));
	memcpy(mm->saved_auxv, entries, n * sizeof(*entries));
	return to + 2 * n;
}

/* Stores the addresses of n strings, the first at *at; NULL: one has no end. */
static u32 *put_strings(u32 *to, int n, unsigned long *at)
{
	while (n--) {
		long len = strnlen_user((void __user *)*at, MAX_ARG_STRLEN);

		if (len <= 0 || len > MAX_ARG_STRLEN)
			return NULL;
		*to++ = *at;
		*at += len;
	}
	*to++ = 0;
	return to;
}

/* Makes the block; its address, or an error. */
static unsigned long put_block(struct linux_binprm *bprm)
{
	struct mm_struct *mm = current->mm;
	const struct cred *cred = current_cred();
	unsigned long strings_len = MAX_ARG_PAGES * PAGE_SIZE - bprm->p;
	unsigned long words = 1 + bprm->argc + 1 + bprm->envc + 1 + AT_VECTOR_SIZE;
	unsigned long bytes = ALIGN(words * sizeof(u32) + 16 + strings_len + RANDOM_BYTES, SZ_64K);
	unsigned long base, top, random, at, block;
	u8 random_bytes[RANDOM_BYTES];
	u32 *vector, *v;
	int ret;

	base = wasm_space_grow(mm, bytes);
	if (!base)
		return -ENOMEM;
	top = base + bytes;
	ret = wasm_vma_insert(mm, NULL, base, top,
			      VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC, 0);
	if (ret)
		return ret;
	random = top - RANDOM_BYTES;
	get_random_bytes(random_bytes, RANDOM_BYTES);
	if (copy_to_user((void __user *)random, random_bytes, RANDOM_BYTES))
		return -EFAULT;
	at = random;
	ret = transfer_args_to_stack(bprm, &at);
	if (ret)
		return ret;
	block = ALIGN_DOWN(at - words * sizeof(u32), 16);

	vector = kvmalloc_array(words, sizeof(u32), GFP_KERNEL);
	if (!vector)
		return -ENOMEM;
	vector[0] = bprm->argc;
	mm->arg_start = at;
	v = put_strings(vector + 1, bprm->argc, &at);
	mm->arg_end = mm->env_start = at;
	v = v ? put_strings(v, bprm->envc, &at) : NULL;
	mm->env_end = at;
	if (v) {
		const u32 auxv[][2] = {
			{ AT_HWCAP, ELF_HWCAP },
			{ AT_PAGESZ, PAGE_SIZE },
			{ AT_CLKTCK, USER_HZ },
			{ AT_FLAGS, bprm->interp_flags & BINPRM_FLAGS_PRESERVE_ARGV0 ?
				AT_FLAGS_PRESERVE_ARGV0 : 0 },
			{ AT_UID, from_kuid_munged(cred->user_ns, cred->uid) },
			{ AT_EUID, from_kuid_munged(cred->user_ns, cred->euid) },
			{ AT_GID, from_kgid_munged(cred->user_ns, cred->gid) },
			{ AT_EGID, from_kgid_munged(cred->user_ns, cred->egid) },
			{ AT_SECURE, bprm->secureexec },
			{ AT_RANDOM, random },
			{ AT_EXECFN, bprm->exec },
			{ bprm->have_execfd ? AT_EXECFD : AT_NULL, bprm->execfd },
			{ AT_NULL, 0 },
		};

		v = put_auxv(mm, v, auxv, ARRAY_SIZE(auxv));
		ret = copy_to_user((void __user *)block, vector, (v - vector) * sizeof(u32)) ?
			-EFAULT : 0;
	} else {
		ret = -EINVAL;
	}
	kvfree(vector);
	if (ret)
		return ret;
	mm->start_stack = block;
	return block;
}

/* After the point of no return: an error kills the process. */
static int start_program(struct linux_binprm *bprm, u32 module)
{
	struct thread_struct *t = &current->thread;
	struct mm_struct *mm = current->mm;
	struct host_space *space = &mm->context.space;
	unsigned long block, image_end;
	int ret;

	ret = wasm_space_create(mm, module);
	if (ret)
		return ret;
	image_end = PAGE_ALIGN(space->size);
	if (PFN_UP(image_end) > rlimit(RLIMIT_AS) >> PAGE_SHIFT)
		return -ENOMEM;
	mm->start_code = mm->start_data = 0;
	mm->end_code = mm->end_data = image_end;

	mmap_write_lock(mm);
	ret = wasm_vma_insert(mm, bprm->file, 0, image_end,
			      VM_READ | VM_WRITE | VM_EXEC |
			      VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC, 0);
	block = ret ? ret : put_block(bprm);
	mmap_write_unlock(mm);
	if (IS_ERR_VALUE(block))
		return block;
	mm->mmap_base = space->size;
	mm->start_brk = mm->brk = mm->context.end_brk = space->size;

	t->entry_kind = WASM_ENTRY_PROGRAM;
	memset(t->entry_args, 0, sizeof(t->entry_args));
	if (space->entry_kind == HOST_ENTRY_MAIN) {
		t->entry_args[0] = bprm->argc;
		t->entry_args[1] = block + sizeof(u32);
	} else {
		t->entry_args[0] = block;
	}
	t->fork_state = WASM_FORK_NONE;
	t->new_stack = true;
	memset(&t->globals, 0, sizeof(t->globals));
	wasm_drop_signals(current);
	return 0;
}

/* Is any of the strings from bprm->p on longer than MAX_ARG_STRLEN, with its end? */
static bool has_long_string(const struct linux_binprm *bprm)
{
	unsigned long pos = bprm->p, length = 0;

	while (pos < MAX_ARG_PAGES * PAGE_SIZE) {
		const char *text = page_address(bprm->page[pos / PAGE_SIZE]) + pos % PAGE_SIZE;
		unsigned long n = PAGE_SIZE - pos % PAGE_SIZE, here = strnlen(text, n);

		length += here;
		if (length >= MAX_ARG_STRLEN)
			return true;
		if (here < n) {
			length = 0;
			here++;
		}
		pos += here;
	}
	return false;
}

/*
 * The limits that generic code knows with an MMU only: 128 KiB a string, and a
 * quarter of the stack's limit for all, pointers included.
 */
static bool arguments_fit(const struct linux_binprm *bprm)
{
	unsigned long strings = MAX_ARG_PAGES * PAGE_SIZE - bprm->p;
	unsigned long pointers = (bprm->argc + bprm->envc) * sizeof(u32);
	unsigned long limit = min(bprm->rlim_stack.rlim_cur / 4, _STK_LIM / 4 * 3);

	if (strings + pointers > max_t(unsigned long, limit, ARG_MAX))
		return false;
	return strings <= MAX_ARG_STRLEN || !has_long_string(bprm);
}

static int load_wasm_binary(struct linux_binprm *bprm)
{
	s32 module;
	int ret;

	if (memcmp(bprm->buf, "\0asm", 4))
		return -ENOEXEC;
	if (!arguments_fit(bprm))
		return -E2BIG;
	module = load_module(bprm->file);
	if (module < 0)
		return module;
	ret = begin_new_exec(bprm);
	if (!ret) {
		set_personality(PER_LINUX);
		setup_new_exec(bprm);
		set_binfmt(&wasm_format);
		ret = start_program(bprm, module);
		if (!ret)
			finalize_exec(bprm);
	}
	host_module_release(module);
	return ret;
}

static struct linux_binfmt wasm_format = {
	.module		= THIS_MODULE,
	.load_binary	= load_wasm_binary,
	.core_dump	= wasm_core_dump,
	.min_coredump	= 1,
};

static int __init init_wasm_binfmt(void)
{
	register_binfmt(&wasm_format);
	return 0;
}
core_initcall(init_wasm_binfmt);
