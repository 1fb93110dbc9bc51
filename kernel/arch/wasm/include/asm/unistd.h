/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_UNISTD_H
#define _ASM_WASM_UNISTD_H

#define __ARCH_WANT_SYS_CLONE
#define __ARCH_WANT_SYS_CLONE3

#include <uapi/asm/unistd.h>

#define NR_syscalls	(__NR_syscalls)

/* Of the architecture's range (__NR_arch_specific_syscall = 244 and up). */
#define __NR_wasm_sigframe_fetch	244
#define __NR_wasm_vfork_result		245
#define __NR_wasm_fork_unwound		246
#define __NR_wasm_host_task		247

#endif
