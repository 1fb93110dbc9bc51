/* SPDX-License-Identifier: MIT */
/*
 * vfork() runs the child on the parent's frames, in the parent's memory: the
 * kernel gives the caller's engine stack to the child and lets the parent
 * sleep elsewhere.  When the child execs or exits, that system call returns on
 * the same stack in the parent (WASM_RET_VFORK), however deep the child was;
 * a longjmp leads back to where vfork() was called.  <unistd.h> makes vfork()
 * a macro around setjmp, which must be called in the caller's own frame.
 */
#include <unistd.h>
#include <setjmp.h>
#include <errno.h>
#include "syscall.h"
#include "signal_frame.h"

__attribute__((import_module("env"), import_name("wasmlinux_vfork")))
int wasmlinux_vfork(void);

/* A child may vfork in its turn, so they nest. */
#define MAX_DEPTH 8

static __thread struct {
	int depth;
	pid_t pid;
	/* without the signal mask of a jmp_buf, which setjmp never touches */
	__jmp_buf frame[MAX_DEPTH+1];
} state;

struct __jmp_buf_tag *__vfork_frame(void)
{
	return (struct __jmp_buf_tag *)state.frame[state.depth];
}

pid_t __vfork(int returned)
{
	long r;

	if (returned) return state.pid;
	if (state.depth == MAX_DEPTH) {
		errno = EAGAIN;
		return -1;
	}
	do {
		r = wasmlinux_vfork();
		if (r == WASM_RET_SIGNAL) r = __wasm_deliver_signal();
	} while (r == WASM_RET_RESTART);
	if (r < 0) {
		errno = -r;
		return -1;
	}
	state.depth++;
	return 0;
}

void __vfork_return(void)
{
	state.depth--;
	state.pid = __syscall(SYS_wasm_vfork_pid);
	longjmp(__vfork_frame(), 1);
}

/* by its address, or (vfork)(): a copy of the process is a correct vfork */
pid_t (vfork)(void)
{
	return _Fork();
}
