/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_ASM_WASM_SIGCONTEXT_H
#define _UAPI_ASM_WASM_SIGCONTEXT_H

/*
 * Inside the ucontext of a signal handler. A handler is called by the libc, not
 * by the kernel, so nothing has to be restored from here.
 */
struct sigcontext {
	unsigned long sp;
	unsigned long reserved[7];
};

#endif
