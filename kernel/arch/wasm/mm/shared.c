// SPDX-License-Identifier: GPL-2.0
/*
 * Shared mappings. Each process has a memory of its own, so a page of a file (of
 * a disk, of tmpfs, of System V, or without a name) that several map is there
 * several times: once in the page cache, once in each memory. One process runs at
 * a time, and that makes them look like one page:
 *
 *   A file has at most one owner: the address space that runs, or ran last. Only
 *   its memory may hold what the page cache does not. Whoever else is interested
 *   (another process on its way to user mode, a read or write of the file, exit,
 *   munmap, fork) first has the owner's pages compared with the page cache and
 *   copied there where they differ: release(). Each change gets a version, by
 *   which a process on its way to user mode finds what it does not have yet:
 *   pull(). Then it is the owner.
 *
 *   An address space that does not own all that it maps is stale. Its tasks
 *   enter user mode through wasm_shared_enter(), and copies to and from its
 *   memory go through wasm_shared_touch(), since its reach is 0 (asm/mmu.h).
 *
 * No engine says which pages were written to. So release() compares all that
 * the owner may have written to; it and pull() never sleep, so there are no locks.
 *
 * A program can be linked so that its stores leave marks in a card table in its
 * memory (src/wasm/store-marks.ts), as the kernel's own do then: touch(). Then only
 * what is marked is compared: all pages of a card, and the one behind it.
 *
 * The pages are pinned as long as they are mapped, and exist from the beginning.
 *
 * Others run while a system call sleeps. So whoever in the kernel writes to a page
 * looks for the owner's changes at once before (flush_dcache_page()), not earlier:
 * who became the owner since would bring back what was there.
 *
 * One thing can't be had: two places in one process that are the same page. A
 * process that maps a page again gets the place that it has, once more. If it
 * wants another place for it, or parts of several, that is EBUSY.
 */
#include <linux/backing-dev.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/sched/coredump.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <asm/cacheflush.h>
#include <asm/host.h>
#include <asm/mmu_context.h>
#include <asm/shared.h>

struct shared_page {
	u64 version;		/* of its last change; 0: never had a page */
	struct page *page;	/* pinned; NULL: behind the end of the file */
	u32 windows : 31;
	u32 dirty : 1;		/* the file system does not know yet */
};

#define CHUNK_PAGES	128

struct shared_chunk {
	u64 version;		/* the latest of its pages */
	unsigned long counted;	/* the sum of their windows */
	struct shared_page pages[CHUNK_PAGES];
};

/* A file with mappings. */
struct shared_object {
	struct hlist_node node;
	struct address_space *mapping;
	struct list_head windows;
	unsigned long references;	/* windows, and who is busy with it */
	struct mm_struct *owner;
	u64 version;
	struct xarray chunks;
	bool has_disk;			/* dirty pages must be told to its file system */
	bool uncommitted;		/* some were not */
};

/* A mapping; its VMA's vm_private_data. */
struct shared_window {
	struct shared_object *object;
	struct vm_area_struct *vma;
	struct list_head in_object, in_mm;
	u64 seen;		/* changes up to this version are in its memory */
	unsigned int mappings;	/* of the program's that are this one */
	loff_t attached_to;	/* there is a page for all of it up to this file size */
	bool has_stack;		/* in it are frames, to which stores leave no marks */
};

/* Of a program's card table: src/wasm/store-marks.ts. */
#define CARD_SHIFT	14
#define CARD_SIZE	(1ul << CARD_SHIFT)

/* When a file system hears of changes that nobody has synced. */
#define COMMIT_DELAY	(5 * HZ)

#define OBJECT_HASH_BITS	6
static struct hlist_head objects[1 << OBJECT_HASH_BITS];
unsigned long wasm_shared_objects;
EXPORT_SYMBOL(wasm_shared_objects);

static void commit_all(struct work_struct *work);
static DECLARE_DELAYED_WORK(commit_work, commit_all);

static struct hlist_head *bucket(const struct address_space *mapping)
{
	return &objects[hash_ptr(mapping, OBJECT_HASH_BITS)];
}

static struct shared_object *find_object(const struct address_space *mapping)
{
	struct shared_object *object;

	hlist_for_each_entry(object, bucket(mapping), node)
		if (object->mapping == mapping)
			return object;
	return NULL;
}

static struct shared_object *get_object(struct address_space *mapping)
{
	struct shared_object *object = find_object(mapping);

	if (!object) {
		object = kzalloc(sizeof(*object), GFP_KERNEL);
		if (!object)
			return NULL;
		object->mapping = mapping;
		INIT_LIST_HEAD(&object->windows);
		xa_init(&object->chunks);
		object->has_disk = mapping_can_writeback(mapping);
		hlist_add_head(&object->node, bucket(mapping));
		wasm_shared_objects++;
	}
	object->references++;
	return object;
}

/* Its chunks go with the last window. */
static void put_object(struct shared_object *object)
{
	if (--object->references)
		return;
	hlist_del(&object->node);
	wasm_shared_objects--;
	xa_destroy(&object->chunks);
	kfree(object);
}

static pgoff_t first_index(const struct shared_window *window)
{
	return window->vma->vm_pgoff;
}

/* Behind its last page. */
static pgoff_t end_index(const struct shared_window *window)
{
	return window->vma->vm_pgoff + vma_pages(window->vma);
}

static struct shared_chunk *chunk_at(struct shared_object *object, pgoff_t index)
{
	return xa_load(&object->chunks, index / CHUNK_PAGES);
}

static struct shared_page *page_at(struct shared_chunk *chunk, pgoff_t index)
{
	return &chunk->pages[index % CHUNK_PAGES];
}

static pgoff_t chunk_end(pgoff_t index, pgoff_t end)
{
	return min(end, round_down(index, CHUNK_PAGES) + CHUNK_PAGES);
}

/* Others than the one that changed it have an older version of the page. */
static void changed(struct shared_object *object, struct shared_chunk *chunk,
		    struct shared_page *page)
{
	page->version = chunk->version = ++object->version;
}

static bool may_write(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_WRITE;
}

/* uaccess must look closer, and its tasks come by on their way to user mode. */
static void make_stale(struct mm_struct *mm)
{
	mm->context.stale = true;
	wasm_update_reach(mm);
	if (mm == current->mm)
		set_thread_flag(TIF_SHARED);
}

static void make_fresh(struct mm_struct *mm)
{
	mm->context.stale = false;
	wasm_update_reach(mm);
}

/* Generic code asks folio_mapped() before it calls unmap_mapping_folio(). */
static atomic_t *mapcount(struct page *page)
{
	struct folio *folio = page_folio(page);

	return folio_test_large(folio) ? &folio->_large_mapcount : &folio->_mapcount;
}

static void drop_page(struct shared_object *object, struct shared_chunk *chunk,
		      struct shared_page *page)
{
	if (!page->page)
		return;
	atomic_dec(mapcount(page->page));
	put_page(page->page);
	page->page = NULL;
	page->dirty = 0;
	changed(object, chunk, page);
}

/* There may be pages now that were not there. */
static void look_for_pages(struct shared_object *object)
{
	struct shared_window *window;

	list_for_each_entry(window, &object->windows, in_object)
		window->attached_to = -1;
}

/* What the window's memory in [addr, to) has and the page cache has not. */
static void push_range(struct shared_window *window, unsigned long addr, unsigned long to)
{
	struct shared_object *object = window->object;
	u32 shim = window->vma->vm_mm->context.space.shim;
	pgoff_t index = first_index(window) + ((addr - window->vma->vm_start) >> PAGE_SHIFT);
	pgoff_t end = index + ((to - addr) >> PAGE_SHIFT), stop;

	for (; index < end; index = stop) {
		struct shared_chunk *chunk = chunk_at(object, index);

		stop = chunk_end(index, end);
		for (pgoff_t i = index; i < stop; i++, addr += PAGE_SIZE) {
			struct shared_page *page = page_at(chunk, i);

			/* Not there, or another's change of it has not come here. */
			if (!page->page || page->version > window->seen)
				continue;
			if (shim_same(shim, addr, page_address(page->page), PAGE_SIZE))
				continue;
			shim_copy_from(shim, page_address(page->page), addr, PAGE_SIZE);
			changed(object, chunk, page);
			if (object->has_disk)
				object->uncommitted = page->dirty = true;
			else
				set_page_dirty(page->page);
		}
	}
}

static bool has_marks(const struct shared_window *window)
{
	const struct host_space *space = &window->vma->vm_mm->context.space;

	/* Stores to constant addresses leave no marks: they are all below the table. */
	return space->cards && !window->has_stack && window->vma->vm_start > space->cards;
}

static void push_marked(struct shared_window *window)
{
	const struct host_space *space = &window->vma->vm_mm->context.space;
	unsigned long start = window->vma->vm_start, end = window->vma->vm_end;
	unsigned long card = (start - PAGE_SIZE) >> CARD_SHIFT, n;
	u8 marks[64];

	for (; card << CARD_SHIFT < end; card += n) {
		n = min(DIV_ROUND_UP(end, CARD_SIZE) - card, sizeof(marks));
		shim_copy_from(space->shim, marks, space->cards + card, n);
		if (!memchr_inv(marks, 0, n))
			continue;
		for (unsigned long i = 0; i < n; i++) {
			unsigned long from = (card + i) << CARD_SHIFT;
			unsigned long to = from + CARD_SIZE + PAGE_SIZE;

			if (!marks[i])
				continue;
			push_range(window, max(from, start), min(to, end));
			/* At an end it may speak of a neighbour. */
			if (from >= start && to <= end)
				shim_clear(space->shim, space->cards + card + i, 1);
		}
	}
}

/* What the kernel writes there is written by no store of the program's. */
static void mark(struct mm_struct *mm, unsigned long addr, unsigned long end)
{
	static const u8 ones[64] = { [0 ... 63] = 1 };
	const struct host_space *space = &mm->context.space;
	unsigned long card = addr >> CARD_SHIFT, n;

	for (; card << CARD_SHIFT < end; card += n) {
		n = min(DIV_ROUND_UP(end, CARD_SIZE) - card, sizeof(ones));
		shim_copy_to(space->shim, space->cards + card, ones, n);
	}
}

static void push_window(struct shared_window *window)
{
	struct shared_object *object = window->object;
	u64 version = object->version;

	if (has_marks(window))
		push_marked(window);
	else
		push_range(window, window->vma->vm_start, window->vma->vm_end);
	/* Other file systems hear of it with the pages. This does not sleep where there is no disk. */
	if (!object->has_disk && object->version != version)
		file_update_time(window->vma->vm_file);
}

/* The page cache is the truth again. True: the owner might have written. */
static bool release(struct shared_object *object)
{
	struct mm_struct *mm = object->owner;
	u64 version = object->version;
	struct shared_window *window;
	bool written = false;

	if (!mm)
		return false;
	list_for_each_entry(window, &object->windows, in_object) {
		if (window->vma->vm_mm != mm || !may_write(window->vma))
			continue;
		written = true;
		push_window(window);
	}
	/* It lacks nothing of what it has changed itself. */
	list_for_each_entry(window, &object->windows, in_object)
		if (window->vma->vm_mm == mm && window->seen == version)
			window->seen = object->version;
	object->owner = NULL;
	make_stale(mm);
	return written;
}

/* What others have changed since the window was last up to date. */
static void pull(struct shared_window *window)
{
	struct shared_object *object = window->object;
	u32 shim = window->vma->vm_mm->context.space.shim;
	unsigned long start = window->vma->vm_start;
	pgoff_t first = first_index(window), index = first, end = end_index(window), stop;

	if (window->seen == object->version)
		return;
	for (; index < end; index = stop) {
		struct shared_chunk *chunk = chunk_at(object, index);

		stop = chunk_end(index, end);
		if (chunk->version <= window->seen)
			continue;
		for (pgoff_t i = index; i < stop; i++) {
			struct shared_page *page = page_at(chunk, i);
			unsigned long addr = start + ((i - first) << PAGE_SHIFT);

			if (page->version <= window->seen)
				continue;
			/* To write to memory that nobody has touched would take memory. */
			if (!page->page)
				shim_clear(shim, addr, PAGE_SIZE);
			else if (!shim_same(shim, addr, page_address(page->page), PAGE_SIZE))
				shim_copy_to(shim, addr, page_address(page->page), PAGE_SIZE);
		}
	}
	window->seen = object->version;
}

static void take(struct shared_window *window)
{
	struct mm_struct *mm = window->vma->vm_mm;
	struct shared_object *object = window->object;

	if (object->owner != mm) {
		release(object);
		object->owner = mm;
	}
	pull(window);
	if (object->has_disk && may_write(window->vma))
		schedule_delayed_work(&commit_work, COMMIT_DELAY);
}

static struct page *read_page(struct file *file, pgoff_t index)
{
	if (shmem_mapping(file->f_mapping))
		return shmem_read_mapping_page(file->f_mapping, index);
	return read_mapping_page(file->f_mapping, index, file);
}

static pgoff_t size_in_pages(const struct shared_object *object)
{
	return DIV_ROUND_UP_ULL(i_size_read(object->mapping->host), PAGE_SIZE);
}

/*
 * Pins a page that the file has. As in a fault, its lock is what a truncation waits
 * for: the page leaves the file before, or unmap_mapping_folio() is told of it.
 */
static int attach_page(struct shared_window *window, pgoff_t index)
{
	struct shared_object *object = window->object;
	struct page *found = read_page(window->vma->vm_file, index);
	struct shared_chunk *chunk = chunk_at(object, index);
	struct shared_page *page = page_at(chunk, index);
	struct folio *folio;

	/* The file may have become shorter in the meantime. */
	if (IS_ERR(found))
		return index < size_in_pages(object) ? PTR_ERR(found) : 0;
	folio = page_folio(found);
	folio_lock(folio);
	if (page->page || folio->mapping != object->mapping) {
		folio_unlock(folio);
		folio_put(folio);
		return 0;
	}
	atomic_inc(mapcount(found));
	page->page = found;
	changed(object, chunk, page);
	folio_unlock(folio);
	return 0;
}

/* Pins the pages of the window that the file has. The caller holds the mmap lock. */
static int attach_pages(struct shared_window *window)
{
	struct shared_object *object = window->object;
	loff_t size = i_size_read(object->mapping->host);
	pgoff_t end = min(end_index(window), size_in_pages(object));
	int ret;

	if (window->attached_to == size)
		return 0;
	window->attached_to = size;
	for (pgoff_t index = first_index(window); index < end; index++) {
		if (page_at(chunk_at(object, index), index)->page)
			continue;
		if (fatal_signal_pending(current))
			return -EINTR;
		ret = attach_page(window, index);
		if (ret)
			return ret;
		cond_resched();
	}
	return 0;
}

void wasm_shared_enter(void)
{
	struct mm_struct *mm = current->mm;
	struct shared_window *window;

	clear_thread_flag(TIF_SHARED);
	if (!mm || !mm->context.stale)
		return;
	/*
	 * A file has grown and there is no page for it: as on any Linux it is fatal
	 * to use that page, but here nobody sees the use.
	 */
	mmap_read_lock(mm);
	list_for_each_entry(window, &mm->context.windows, in_mm)
		attach_pages(window);
	mmap_read_unlock(mm);
	list_for_each_entry(window, &mm->context.windows, in_mm)
		take(window);
	make_fresh(mm);
}

void wasm_shared_touch(struct mm_struct *mm, unsigned long addr, unsigned long n,
		       bool write)
{
	struct shared_window *window;

	list_for_each_entry(window, &mm->context.windows, in_mm) {
		struct vm_area_struct *vma = window->vma;
		struct shared_object *object = window->object;

		if (addr >= vma->vm_end ||
		    (vma->vm_start >= addr && vma->vm_start - addr >= n))
			continue;
		if (object->owner != mm)
			release(object);
		pull(window);
		if (!write)
			continue;
		object->owner = mm;
		if (mm->context.space.cards)
			mark(mm, max(addr, vma->vm_start),
			     n < vma->vm_end - addr ? addr + n : vma->vm_end);
	}
}

void wasm_shared_stack(struct mm_struct *mm, unsigned long end)
{
	struct vm_area_struct *vma = mm->context.marked_from ? vma_lookup(mm, end - 1) : NULL;

	if (vma && wasm_is_shared(vma))
		((struct shared_window *)vma->vm_private_data)->has_stack = true;
}

void wasm_shared_settle(struct mm_struct *mm)
{
	struct shared_window *window;

	list_for_each_entry(window, &mm->context.windows, in_mm)
		if (window->object->owner == mm)
			release(window->object);
}

/*
 * A kernel access to a page of the page cache. Before a read or a write there is
 * an owner that might have written; if there is none, the kernel has written.
 */
static void flush(struct address_space *mapping, pgoff_t index, unsigned long pages)
{
	struct shared_object *object = find_object(mapping);

	if (!object || release(object))
		return;
	for (; pages; index++, pages--) {
		struct shared_chunk *chunk = chunk_at(object, index);
		struct shared_page *page = chunk ? page_at(chunk, index) : NULL;

		if (page && page->page)
			changed(object, chunk, page);
		else if (page)
			look_for_pages(object);
	}
}

void wasm_shared_flush(struct folio *folio)
{
	if (folio->mapping)
		flush(folio->mapping, folio->index, folio_nr_pages(folio));
}
EXPORT_SYMBOL(wasm_shared_flush);

void wasm_shared_flush_page(struct page *page)
{
	struct folio *folio = page_folio(page);

	if (folio->mapping)
		flush(folio->mapping, folio->index + folio_page_idx(folio, page), 1);
}
EXPORT_SYMBOL(wasm_shared_flush_page);

/* Generic code: a file is about to change its size, or has done so. */
void arch_pull_mappings(struct address_space *mapping)
{
	struct shared_object *object = wasm_shared_objects ? find_object(mapping) : NULL;

	if (!object)
		return;
	release(object);
	look_for_pages(object);
}

/* Generic code: these pages leave the file. nr 0: all from start on. */
void unmap_mapping_pages(struct address_space *mapping, pgoff_t start, pgoff_t nr,
			 bool even_cows)
{
	struct shared_object *object = wasm_shared_objects ? find_object(mapping) : NULL;
	pgoff_t last = nr ? start + nr - 1 : ULONG_MAX;
	struct shared_chunk *chunk;
	unsigned long at;

	if (!object)
		return;
	release(object);
	look_for_pages(object);
	if (last < start)
		last = ULONG_MAX;
	xa_for_each_range(&object->chunks, at, chunk, start / CHUNK_PAGES, last / CHUNK_PAGES)
		for (int i = 0; i < CHUNK_PAGES; i++) {
			pgoff_t index = at * CHUNK_PAGES + i;

			if (index >= start && index <= last)
				drop_page(object, chunk, &chunk->pages[i]);
		}
}
EXPORT_SYMBOL(unmap_mapping_pages);

/* Generic code: this folio leaves its file, and is locked. */
void unmap_mapping_folio(struct folio *folio)
{
	unmap_mapping_pages(folio->mapping, folio->index, folio_nr_pages(folio), false);
}

void unmap_mapping_range(struct address_space *mapping, loff_t const holebegin,
			 loff_t const holelen, int even_cows)
{
	pgoff_t start = (u64)holebegin >> PAGE_SHIFT;
	u64 pages = DIV_ROUND_UP_ULL((u64)holelen, PAGE_SIZE);

	unmap_mapping_pages(mapping, start, pages > ULONG_MAX ? 0 : pages, even_cows);
}
EXPORT_SYMBOL(unmap_mapping_range);

/* What a write of the page's contents to itself does: the file system notes it. */
static int commit_page(struct file *file, pgoff_t index)
{
	struct address_space *mapping = file->f_mapping;
	const struct address_space_operations *ops = mapping->a_ops;
	loff_t pos = (loff_t)index << PAGE_SHIFT, size;
	struct inode *inode = mapping->host;
	struct folio *folio;
	void *data = NULL;
	int ret = 0;

	inode_lock(inode);
	size = i_size_read(inode);
	if (pos < size) {
		unsigned int n = min_t(loff_t, size - pos, PAGE_SIZE);

		ret = ops->write_begin(file, mapping, pos, n, &folio, &data);
		if (!ret)
			ret = ops->write_end(file, mapping, pos, n, n, folio, data);
	}
	inode_unlock(inode);
	return ret;
}

static struct file *writable_file(struct shared_object *object)
{
	struct shared_window *window;

	list_for_each_entry(window, &object->windows, in_object)
		if (vma_is_shared_maywrite(window->vma))
			return get_file(window->vma->vm_file);
	return NULL;
}

/* Tells the file system which pages were written to. The caller has a reference. */
static void commit(struct shared_object *object)
{
	struct file *file = object->uncommitted ? writable_file(object) : NULL;
	struct shared_chunk *chunk;
	unsigned long at;

	if (!file)
		return;
	object->uncommitted = false;
	if (!file_start_write_trylock(file)) {
		/* Frozen: it will be asked again. */
		object->uncommitted = true;
		goto put;
	}
	file_update_time(file);
	xa_for_each(&object->chunks, at, chunk)
		for (int i = 0; i < CHUNK_PAGES; i++) {
			/* It may have gone while the last page was committed. */
			chunk = xa_load(&object->chunks, at);
			if (!chunk)
				break;
			if (!chunk->pages[i].dirty)
				continue;
			chunk->pages[i].dirty = 0;
			if (commit_page(file, at * CHUNK_PAGES + i) < 0)
				mapping_set_error(object->mapping, -EIO);
		}
	file_end_write(file);
put:
	fput(file);
}

static struct shared_object *next_uncommitted(const struct super_block *sb)
{
	struct shared_object *object;

	for (int i = 0; i < ARRAY_SIZE(objects); i++)
		hlist_for_each_entry(object, &objects[i], node) {
			if (!object->has_disk || (sb && object->mapping->host->i_sb != sb))
				continue;
			release(object);
			if (object->uncommitted)
				return object;
		}
	return NULL;
}

static void commit_each(const struct super_block *sb)
{
	struct shared_object *object;
	bool done = true;

	while (done && (object = next_uncommitted(sb))) {
		object->references++;
		commit(object);
		done = !object->uncommitted;
		put_object(object);
	}
}

static void commit_all(struct work_struct *work)
{
	commit_each(NULL);
}

/* Generic code: before fsync() of a file, or sync() of a file system. */
void arch_commit_mappings(struct address_space *mapping, struct super_block *sb)
{
	struct shared_object *object;

	if (!wasm_shared_objects)
		return;
	if (sb) {
		commit_each(sb);
		return;
	}
	object = find_object(mapping);
	if (!object)
		return;
	object->references++;
	release(object);
	commit(object);
	put_object(object);
}

/* One more window, or one less, for the pages in [index, end). */
static void uncount_pages(struct shared_object *object, pgoff_t index, pgoff_t end)
{
	for (; index < end; index++) {
		struct shared_chunk *chunk = chunk_at(object, index);
		struct shared_page *page = page_at(chunk, index);

		if (!--page->windows)
			drop_page(object, chunk, page);
		if (!--chunk->counted)
			kfree(xa_erase(&object->chunks, index / CHUNK_PAGES));
	}
}

static int count_pages(struct shared_object *object, pgoff_t index, pgoff_t end)
{
	pgoff_t begin = index;

	for (; index < end; index++) {
		struct shared_chunk *chunk = chunk_at(object, index);

		if (!chunk) {
			chunk = kzalloc(sizeof(*chunk), GFP_KERNEL);
			if (!chunk || xa_err(xa_store(&object->chunks, index / CHUNK_PAGES,
						      chunk, GFP_KERNEL))) {
				kfree(chunk);
				uncount_pages(object, begin, index);
				return -ENOMEM;
			}
		}
		page_at(chunk, index)->windows++;
		chunk->counted++;
	}
	return 0;
}

/* VmRSS has all memory as anonymous: RssShmem or RssFile is some of it. */
static void count_rss(struct vm_area_struct *vma, int sign)
{
	struct percpu_counter *rss = vma->vm_mm->rss_stat;
	int kind = shmem_mapping(vma->vm_file->f_mapping) ? MM_SHMEMPAGES : MM_FILEPAGES;
	long pages = vma_pages(vma);

	if (test_bit(MMF_UNSTABLE, &vma->vm_mm->flags))
		return;
	percpu_counter_add(&rss[MM_ANONPAGES], -sign * pages);
	percpu_counter_add(&rss[kind], sign * pages);
}

void wasm_shared_reaped(struct mm_struct *mm)
{
	struct shared_window *window;

	if (test_bit(MMF_UNSTABLE, &mm->flags))
		return;
	list_for_each_entry(window, &mm->context.windows, in_mm)
		count_rss(window->vma, -1);
	set_bit(MMF_UNSTABLE, &mm->flags);
}

static void update_marked_from(struct mm_struct *mm)
{
	struct shared_window *window;
	u32 first = 0;

	if (!mm->context.space.cards)
		return;
	list_for_each_entry(window, &mm->context.windows, in_mm)
		if (!first || window->vma->vm_start < first)
			first = window->vma->vm_start;
	mm->context.marked_from = first;
	wasm_update_reach(mm);
}

static void link_window(struct shared_window *window, struct vm_area_struct *vma)
{
	window->vma = vma;
	vma->vm_private_data = window;
	list_add(&window->in_object, &window->object->windows);
	list_add(&window->in_mm, &vma->vm_mm->context.windows);
	update_marked_from(vma->vm_mm);
}

/* Has mm a page of [index, end) in another place than vma, and is one of both written to? */
static bool conflicts(struct shared_object *object, struct mm_struct *mm, pgoff_t index,
		      pgoff_t end, bool write, const struct vm_area_struct *vma)
{
	struct shared_window *window;

	list_for_each_entry(window, &object->windows, in_object)
		if (window->vma != vma && window->vma->vm_mm == mm &&
		    first_index(window) < end && index < end_index(window) &&
		    (write || may_write(window->vma)))
			return true;
	return false;
}

static bool vma_conflicts(struct shared_object *object, struct vm_area_struct *vma, bool write)
{
	return conflicts(object, vma->vm_mm, vma->vm_pgoff, vma->vm_pgoff + vma_pages(vma),
			 write, vma);
}

/* Where the window would begin if it began with the file. */
static unsigned long origin(const struct shared_window *window)
{
	return window->vma->vm_start - (first_index(window) << PAGE_SHIFT);
}

/* Are the object's pages [index, end) at addr, in one mapping or several? */
static bool lies_at(struct mm_struct *mm, struct shared_object *object, unsigned long addr,
		    pgoff_t index, pgoff_t end)
{
	while (index < end) {
		struct vm_area_struct *vma = vma_lookup(mm, addr);
		struct shared_window *window;

		if (!vma || !wasm_is_shared(vma))
			return false;
		window = vma->vm_private_data;
		if (window->object != object || addr - (index << PAGE_SHIFT) != origin(window))
			return false;
		index = end_index(window);
		addr = vma->vm_end;
	}
	return true;
}

/* Where mm has all of these pages, or 0 if that is nowhere or in several places. */
static unsigned long find_place(struct mm_struct *mm, struct shared_object *object,
				pgoff_t index, pgoff_t end)
{
	struct shared_window *window, *first = NULL;
	unsigned long addr;

	list_for_each_entry(window, &object->windows, in_object) {
		if (window->vma->vm_mm != mm || first_index(window) >= end ||
		    end_index(window) <= index)
			continue;
		if (!first)
			first = window;
		else if (origin(window) != origin(first))
			return 0;
	}
	if (!first)
		return 0;
	addr = origin(first) + (index << PAGE_SHIFT);
	return lies_at(mm, object, addr, index, end) ? addr : 0;
}

/* A mapping has the rights of all that are this one. */
static void add_rights(struct vm_area_struct *vma, struct file *file, vm_flags_t flags)
{
	struct file *old = vma->vm_file;

	if (flags & ~vma->vm_flags & VM_WRITE)
		vma->vm_mm->data_vm += vma_pages(vma);
	if (flags & ~vma->vm_flags & VM_SHARED) {
		mapping_allow_writable(file->f_mapping);
		vma->vm_file = get_file(file);
		fput(old);
	}
	vm_flags_set(vma, flags & (VM_READ | VM_WRITE | VM_EXEC | VM_SHARED | VM_MAYWRITE));
}

/* One mapping more in the same place. */
static void enter_window(struct shared_window *window)
{
	struct vm_area_struct *vma = window->vma;

	window->mappings++;
	vma->vm_mm->map_count++;
	if (vma->vm_ops && vma->vm_ops->open)
		vma->vm_ops->open(vma);
}

/* One mapping less, if that is not the last. */
static bool leave_window(struct shared_window *window)
{
	struct vm_area_struct *vma = window->vma;

	if (window->mappings == 1)
		return false;
	window->mappings--;
	vma->vm_mm->map_count--;
	if (vma->vm_ops && vma->vm_ops->close)
		vma->vm_ops->close(vma);
	return true;
}

/*
 * A new mapping, anywhere, of pages that mm has: where they are, 0 if it is to be
 * made, or an error. The caller holds the mmap lock.
 */
unsigned long wasm_shared_again(struct mm_struct *mm, struct file *file, unsigned long pages,
				pgoff_t index, vm_flags_t flags)
{
	struct address_space *mapping = file->f_mapping;
	struct shared_object *object = wasm_shared_objects ? find_object(mapping) : NULL;
	unsigned long place, addr, end;
	int ret;

	if (!object || !conflicts(object, mm, index, index + pages, flags & VM_WRITE, NULL))
		return 0;
	place = find_place(mm, object, index, index + pages);
	if (!place)
		return 0;
	end = place + (pages << PAGE_SHIFT);
	ret = wasm_vma_split(mm, place);
	if (!ret)
		ret = wasm_vma_split(mm, end);
	if (!ret && (flags & VM_SHARED))
		ret = mapping_map_writable(mapping);
	if (ret)
		return ret;
	for (addr = place; addr < end;) {
		struct vm_area_struct *vma = vma_lookup(mm, addr);

		add_rights(vma, file, flags);
		enter_window(vma->vm_private_data);
		addr = vma->vm_end;
	}
	if (flags & VM_SHARED)
		mapping_unmap_writable(mapping);
	return place;
}

/* munmap: true if vma stays, since the program has mapped it once more. */
bool wasm_shared_leave(struct vm_area_struct *vma)
{
	return leave_window(vma->vm_private_data);
}

/* Has a part of [start, end) been mapped more than once? */
bool wasm_shared_is_again(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	VMA_ITERATOR(vmi, mm, start);
	struct vm_area_struct *vma;

	for_each_vma_range(vmi, vma, end) {
		struct shared_window *window = vma->vm_private_data;

		if (wasm_is_shared(vma) && window->mappings > 1)
			return true;
	}
	return false;
}

/*
 * vma is a new mapping and has its file. moved: another, which it may overlap,
 * will be unmapped before user mode goes on.
 */
int wasm_shared_map(struct vm_area_struct *vma, bool moved)
{
	struct address_space *mapping = vma->vm_file->f_mapping;
	struct shared_window *window = kzalloc(sizeof(*window), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!window)
		return ret;
	window->object = get_object(mapping);
	if (!window->object)
		goto free;
	window->attached_to = -1;
	window->mappings = 1;
	if (!moved && vma_conflicts(window->object, vma, may_write(vma))) {
		ret = -EBUSY;
		goto put;
	}
	if (vma_is_shared_maywrite(vma)) {
		ret = mapping_map_writable(mapping);
		if (ret)
			goto put;
	}
	ret = count_pages(window->object, vma->vm_pgoff, vma->vm_pgoff + vma_pages(vma));
	if (ret) {
		if (vma_is_shared_maywrite(vma))
			mapping_unmap_writable(mapping);
		goto put;
	}
	link_window(window, vma);
	count_rss(vma, 1);
	make_stale(vma->vm_mm);
	/* When this fails the caller unmaps. */
	return attach_pages(window);
put:
	put_object(window->object);
free:
	kfree(window);
	return ret;
}

void wasm_shared_unmap(struct vm_area_struct *vma)
{
	struct shared_window *window = vma->vm_private_data;
	struct mm_struct *mm = vma->vm_mm;
	struct shared_object *object;

	if (!window)
		return;
	while (leave_window(window))
		;
	object = window->object;
	if (object->owner == mm)
		release(object);
	if (vma_is_shared_maywrite(vma)) {
		commit(object);
		/* That may have slept, and another thread may have run. */
		if (object->owner == mm)
			release(object);
		mapping_unmap_writable(object->mapping);
	}
	list_del(&window->in_object);
	list_del(&window->in_mm);
	update_marked_from(mm);
	count_rss(vma, -1);
	uncount_pages(object, first_index(window), end_index(window));
	vma->vm_private_data = NULL;
	kfree(window);
	put_object(object);
	if (list_empty(&mm->context.windows))
		make_fresh(mm);
}

/* The window is a copy, and its VMA has been opened once. */
static void open_more(struct shared_window *window)
{
	unsigned int mappings = window->mappings;

	for (window->mappings = 1; window->mappings < mappings;)
		enter_window(window);
}

/* upper is a copy of vma's upper part, before vma becomes the lower one. */
void wasm_shared_split(struct vm_area_struct *vma, struct vm_area_struct *upper)
{
	struct shared_window *window = vma->vm_private_data;
	struct shared_window *copy = kmemdup(window, sizeof(*window), GFP_KERNEL | __GFP_NOFAIL);

	copy->object->references++;
	link_window(copy, upper);
	open_more(copy);
	if (vma_is_shared_maywrite(vma))
		mapping_allow_writable(copy->object->mapping);
}

/* fork: vma is a copy of another mm's. Its memory, too, but who knows of when. */
int wasm_shared_copy(struct vm_area_struct *vma)
{
	struct shared_window *window = vma->vm_private_data;
	struct shared_window *copy = kmemdup(window, sizeof(*window), GFP_KERNEL);
	int ret = copy ? count_pages(window->object, first_index(window), end_index(window)) :
		-ENOMEM;

	vma->vm_private_data = NULL;
	if (ret) {
		kfree(copy);
		return ret;
	}
	copy->object->references++;
	copy->seen = 0;
	link_window(copy, vma);
	open_more(copy);
	count_rss(vma, 1);
	if (vma_is_shared_maywrite(vma))
		mapping_allow_writable(copy->object->mapping);
	make_stale(vma->vm_mm);
	return 0;
}

/* mprotect: the mapping will be writable or not. */
int wasm_shared_protect(struct vm_area_struct *vma, bool write)
{
	struct shared_window *window = vma->vm_private_data;

	if (write && vma_conflicts(window->object, vma, true))
		return -EBUSY;
	if (!write && window->object->owner == vma->vm_mm)
		release(window->object);
	return 0;
}
