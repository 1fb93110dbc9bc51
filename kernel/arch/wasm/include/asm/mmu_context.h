/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_MMU_CONTEXT_H
#define _ASM_WASM_MMU_CONTEXT_H
/*
 * The life of an address space (mm/space.c), and what generic code leaves to
 * the architecture under CONFIG_ARCH_HAS_USER_MMAP (mm/mmap.c, mm/remote.c).
 */
#include <linux/mm_types.h>
#include <linux/sched.h>

int wasm_space_create(struct mm_struct *mm, u32 module);
int wasm_space_fork(struct mm_struct *mm, struct mm_struct *parent);
void wasm_space_release(struct mm_struct *mm);
unsigned long wasm_space_grow(struct mm_struct *mm, unsigned long bytes);
int wasm_space_use(struct mm_struct *mm, unsigned long end);
void wasm_space_trim(struct mm_struct *mm, unsigned long end);
void wasm_space_noticed(struct mm_struct *mm, unsigned long size);
void wasm_space_settle(void);

/* mm/charge.c */
int wasm_charge(struct mm_struct *mm, unsigned long pages);
void wasm_uncharge(struct mm_struct *mm, unsigned long pages);

/* space.size, stale, marked_from, remapped or open has changed. */
static inline void wasm_update_reach(struct mm_struct *mm)
{
	mm_context_t *ctx = &mm->context;

	ctx->reach = ctx->stale || ctx->remapped ? 0 : min(ctx->space.size, ctx->open);
	if (ctx->marked_from)
		ctx->reach = min(ctx->reach, ctx->marked_from);
}

/* A mapping has come, gone, or changed its protection. */
static inline void wasm_remapped(struct mm_struct *mm)
{
	mm->context.remapped = true;
	mm->context.reach = 0;
}

/* mm/access.c: how many of the n bytes at addr may be accessed. */
enum wasm_access { WASM_READ, WASM_WRITE, WASM_FORCED_READ, WASM_FORCED_WRITE };
unsigned long wasm_accessible(struct mm_struct *mm, unsigned long addr, unsigned long n,
			      enum wasm_access access);

/* kernel/fork.c */
void wasm_fork_abandoned(struct task_struct *task);

/* Bytes not copied. mm need not be the current one. forced: as a debugger does. */
unsigned long wasm_copy_from_mm(struct mm_struct *mm, void *to, unsigned long from,
				unsigned long n, bool forced);
unsigned long wasm_copy_to_mm(struct mm_struct *mm, unsigned long to, const void *from,
			      unsigned long n, bool forced);

/* Memory whatever its protection: what is being mapped, or stands for registers. 0 or -EFAULT. */
int wasm_fetch(struct mm_struct *mm, void *to, unsigned long from, unsigned long n);
int wasm_fill(struct mm_struct *mm, unsigned long to, const void *from, unsigned long n);
int wasm_clear(struct mm_struct *mm, unsigned long to, unsigned long n);

int wasm_vma_insert(struct mm_struct *mm, struct file *file, unsigned long start,
		    unsigned long end, vm_flags_t flags, unsigned long pgoff);
int wasm_vma_split(struct mm_struct *mm, unsigned long addr);
void wasm_vma_merge(struct mm_struct *mm, unsigned long start, unsigned long end);
int wasm_vma_copy_all(struct mm_struct *mm, struct mm_struct *parent);

/* What mm/nommu.c calls. */
int __access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf,
		       int len, unsigned int gup_flags);
unsigned long do_mremap(unsigned long addr, unsigned long old_len,
			unsigned long new_len, unsigned long flags,
			unsigned long new_addr);

#define init_new_context init_new_context
static inline int init_new_context(struct task_struct *tsk, struct mm_struct *mm)
{
	/* dup_mm() has copied the parent's: this one has no space yet. */
	memset(&mm->context, 0, sizeof(mm->context));
	INIT_LIST_HEAD(&mm->context.tokens);
	INIT_LIST_HEAD(&mm->context.windows);
	return 0;
}

#define destroy_context destroy_context
static inline void destroy_context(struct mm_struct *mm)
{
	wasm_space_release(mm);
}

/*
 * A task leaves an address space for good, by exec or by exit (or is a kernel
 * thread that never had it): what is in the instance's globals is nobody's.
 */
static inline void wasm_space_left(struct mm_struct *mm, struct task_struct *task)
{
	if (mm->context.globals_owner == task)
		mm->context.globals_owner = NULL;
	if (unlikely(task->thread.fork_state != WASM_FORK_NONE))
		wasm_fork_abandoned(task);
}

#define activate_mm activate_mm
static inline void activate_mm(struct mm_struct *prev, struct mm_struct *next)
{
	if (prev)
		wasm_space_left(prev, current);
}

#define enter_lazy_tlb enter_lazy_tlb
static inline void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *tsk)
{
	wasm_space_left(mm, tsk);
}

#include <asm-generic/nommu_context.h>

#endif
