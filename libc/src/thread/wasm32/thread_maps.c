/* SPDX-License-Identifier: MIT */
/*
 * Keeps a few mappings of joined threads, stack and TLS in one, for the next
 * ones, as glibc does: to map, clear, protect and unmap 136 KiB takes longer
 * than the rest of a thread's creation.  pthread_create.c and pthread_join.c
 * call it.  A mapping is taken and given with one exchange, so that neither
 * fork nor a second thread finds the slots locked.
 */
#include <sys/mman.h>
#include "pthread_impl.h"

#define SLOTS 4
/* stacks of unusual size are not worth their memory */
#define LARGEST (256*1024)

/* each has the struct pthread of its last thread in it, which knows its size */
static struct pthread *volatile slots[SLOTS];

/* A mapping of this size with this guard, not cleared; or 0. */
void *__take_thread_map(size_t size, size_t guard)
{
	for (int i = 0; i < SLOTS; i++) {
		struct pthread *last = slots[i];
		if (!last || last->map_size != size || last->guard_size != guard) continue;
		if (a_cas_p(&slots[i], last, 0) == last) return last->map_base;
	}
	return 0;
}

/* t has been joined. */
void __give_thread_map(struct pthread *t)
{
	if (t->map_size <= LARGEST)
		for (int i = 0; i < SLOTS; i++)
			if (!slots[i] && !a_cas_p(&slots[i], 0, t)) return;
	__munmap(t->map_base, t->map_size);
}
