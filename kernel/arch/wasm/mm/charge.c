// SPDX-License-Identifier: GPL-2.0
/*
 * What user memory costs. It lies outside the kernel's memory, so for each page of
 * it the kernel takes one of its own from the page allocator, as a token that
 * nobody touches: the host commits memory when it is touched, so a token takes
 * none. Free memory, the memory controller, reclaim and the OOM killer see user
 * memory by that alone, and the machine's size bounds both.
 */
#include <linux/log2.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/vmstat.h>
#include <asm/host.h>
#include <asm/mmu_context.h>

/* Movable: next to page cache, where it keeps no block from what is not. */
#define GFP_TOKEN	(__GFP_MOVABLE | __GFP_ACCOUNT | __GFP_NOMEMALLOC | __GFP_NOWARN)

/*
 * Blocks of processes that have ended, by order, for those that begin: to split and
 * to merge them each time would make a fork a tenth slower. Linked by page_private.
 */
#define SPARE_PAGES	(SZ_1M >> PAGE_SHIFT)

static struct page *spare[NR_PAGE_ORDERS];
static unsigned long spare_pages;

static struct page *take_spare(unsigned int order)
{
	struct page *page = spare[order];

	if (page) {
		spare[order] = (struct page *)page_private(page);
		spare_pages -= 1UL << order;
	}
	return page;
}

/* What others wait for is not spared. */
static bool memory_is_short(void)
{
	return global_zone_page_state(NR_FREE_PAGES) <
	       high_wmark_pages(&NODE_DATA(0)->node_zones[ZONE_NORMAL]);
}

static bool put_spare(struct page *page, unsigned int order)
{
	if (spare_pages + (1UL << order) > SPARE_PAGES || memory_is_short())
		return false;
	set_page_private(page, (unsigned long)spare[order]);
	spare[order] = page;
	spare_pages += 1UL << order;
	return true;
}

static unsigned long drain_spare(void)
{
	unsigned long pages = spare_pages;
	struct page *page;
	int order;

	for (order = 0; order < NR_PAGE_ORDERS; order++)
		while ((page = take_spare(order)))
			__free_pages(page, order);
	return pages;
}

/* Before the OOM killer picks somebody. */
static int give_spare(struct notifier_block *self, unsigned long unused, void *freed)
{
	*(unsigned long *)freed += drain_spare();
	return NOTIFY_OK;
}

static struct notifier_block oom_notifier = { .notifier_call = give_spare };

static int __init watch_oom(void)
{
	return register_oom_notifier(&oom_notifier);
}
subsys_initcall(watch_oom);

/* The largest block of at most 2^*order pages; single ones are worth reclaim and the OOM killer. */
static struct page *take_token(unsigned int *order)
{
	struct page *page;

	/* Blocks of a group must be charged to it when they are allocated. */
	page = memcg_kmem_online() && current_obj_cgroup() ? NULL : take_spare(*order);
	if (page)
		return page;
	for (; *order; --*order) {
		page = alloc_pages(GFP_TOKEN, *order);
		if (page)
			return page;
	}
	drain_spare();
	return alloc_pages(GFP_TOKEN | GFP_KERNEL, 0);
}

static void drop_token(struct page *page, unsigned int order)
{
	if (page->memcg_data || !put_spare(page, order))
		__free_pages(page, order);
}

/*
 * A group's token is charged to it as kernel memory, since nothing maps it; but
 * what it stands for is anonymous memory of user space.
 */
static void count_token(struct page *token, long pages)
{
	if (!token->memcg_data) {
		mod_node_page_state(NODE_DATA(0), NR_ANON_MAPPED, pages);
		return;
	}
	mod_lruvec_page_state(token, NR_ANON_MAPPED, pages);
	mod_memcg_page_state(token, MEMCG_KMEM, -pages);
}

/*
 * Linux commits memory when it is touched; here it is committed when it is asked
 * for. So what could not be had even without any page cache is refused, and only
 * for small wishes the OOM killer makes room.
 */
static bool hopeless(unsigned long pages)
{
	return pages > totalram_pages() / 16 && pages > si_mem_available();
}

/* add_mm_counter() is for kernels with an MMU: it traces. */
static void count_rss(struct mm_struct *mm, long pages)
{
	percpu_counter_add(&mm->rss_stat[MM_ANONPAGES], pages);
}

/* At most so many pages, those charged last: whole blocks of them. */
void wasm_uncharge(struct mm_struct *mm, unsigned long pages)
{
	struct list_head *tokens = &mm->context.tokens;
	unsigned long left = pages;

	while (left) {
		struct page *token = list_first_entry(tokens, struct page, lru);
		unsigned int order = page_private(token);

		if (1UL << order > left)
			break;
		list_del(&token->lru);
		count_token(token, -(1L << order));
		drop_token(token, order);
		left -= 1UL << order;
	}
	pages -= left;
	if (!pages)
		return;
	mm->context.charged -= pages;
	update_hiwater_rss(mm);
	count_rss(mm, -(long)pages);
	vm_unacct_memory(pages);
}

/* 0, or -ENOMEM and nothing is charged. The caller holds the mmap lock. */
int wasm_charge(struct mm_struct *mm, unsigned long pages)
{
	unsigned int order = MAX_PAGE_ORDER;
	unsigned long left = pages;

	if (!pages)
		return 0;
	if (hopeless(pages) || security_vm_enough_memory_mm(mm, pages))
		return -ENOMEM;
	mm->context.charged += pages;
	count_rss(mm, pages);
	while (left) {
		struct page *token;

		order = min_t(unsigned int, order, ilog2(left));
		token = fatal_signal_pending(current) ? NULL : take_token(&order);
		if (!token)
			break;
		set_page_private(token, order);
		list_add(&token->lru, &mm->context.tokens);
		count_token(token, 1L << order);
		left -= 1UL << order;
	}
	if (likely(!left))
		return 0;
	mm->context.charged -= left;
	count_rss(mm, -(long)left);
	vm_unacct_memory(left);
	wasm_uncharge(mm, pages - left);
	return -ENOMEM;
}
