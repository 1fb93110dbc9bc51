/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_ASM_WASM_BPF_PERF_EVENT_H
#define _UAPI_ASM_WASM_BPF_PERF_EVENT_H

#include <linux/types.h>
#include <asm/ptrace.h>

/* The generic header names struct pt_regs, which programs do not have. */
typedef struct user_regs_struct bpf_user_pt_regs_t;

#endif
