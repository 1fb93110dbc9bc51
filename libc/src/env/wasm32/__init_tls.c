/* SPDX-License-Identifier: MIT */
/*
 * Thread-local storage as wasm-ld lays it out: __wasm_init_tls(address) copies
 * the module's image there and sets the global __tls_base.  The start function
 * has done so for the main thread, in static memory; another thread has
 *
 *   struct pthread | padding | TLS image
 *   ^ thread pointer           ^ __tls_base
 *
 * and fills the image itself when it starts (clone.c), since both globals are
 * its own.
 */
#define SYSCALL_NO_TLS 1
#include <string.h>
#include "pthread_impl.h"
#include "libc.h"
#include "atomic.h"
#include "syscall.h"

volatile int __thread_list_lock;

static struct pthread main_thread;

int __init_tp(void *p)
{
	pthread_t td = p;
	td->self = td;
	__set_thread_area(td);
	libc.can_do_threads = 1;
	td->detach_state = DT_JOINABLE;
	td->tid = __syscall(SYS_set_tid_address, &__thread_list_lock);
	td->locale = &libc.global_locale;
	td->robust_list.head = &td->robust_list.head;
	td->sysinfo = __sysinfo;
	td->next = td->prev = td;
	return 0;
}

/* pthread_create.c hands the zeroed memory of a new thread */
void *__copy_tls(unsigned char *mem)
{
	return mem + (-(uintptr_t)mem & (libc.tls_align-1));
}

static void static_init_tls(size_t *aux)
{
	size_t align = __builtin_wasm_tls_align();
	libc.tls_align = align < 16 ? 16 : align;
	libc.tls_size = 2*libc.tls_align + sizeof(struct pthread)
		+ __builtin_wasm_tls_size() + 15 & -16;
	__init_tp(&main_thread);
}

weak_alias(static_init_tls, __init_tls);
