/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_WASM_ELF_H
#define _ASM_WASM_ELF_H
/*
 * Programs are wasm modules (kernel/binfmt_wasm.c) and there are no core files:
 * this is what generic code wants to know of ELF all the same.
 */
#include <asm/ptrace.h>
#include <uapi/linux/elf-em.h>

typedef unsigned long elf_greg_t;
#define ELF_NGREG		(sizeof(struct user_regs_struct) / sizeof(elf_greg_t))
typedef elf_greg_t elf_gregset_t[ELF_NGREG];
typedef struct { int none; } elf_fpregset_t;

#define ELF_CLASS		ELFCLASS32
#define ELF_DATA		ELFDATA2LSB
#define ELF_ARCH		EM_NONE
#define ELF_PLATFORM		NULL
#define ELF_HWCAP		0
#define ELF_EXEC_PAGESIZE	PAGE_SIZE
#define ELF_ET_DYN_BASE		0
#define elf_check_arch(x)	(0)

#endif
