// SPDX-License-Identifier: GPL-2.0
/*
 * The table of system calls, and the few that the architecture defines. All
 * entries have one signature: see asm/syscall_wrapper.h.
 */
#include <linux/syscalls.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

asmlinkage long __wasm_sys_ni_syscall(const struct pt_regs *regs)
{
	return -ENOSYS;
}

SYSCALL_DEFINE6(mmap2, unsigned long, addr, unsigned long, len,
		unsigned long, prot, unsigned long, flags,
		unsigned long, fd, unsigned long, pgoff)
{
	return ksys_mmap_pgoff(addr, len, prot, flags, fd, pgoff);
}

asmlinkage long __wasm_clone(const struct pt_regs *regs);
asmlinkage long __wasm_rt_sigreturn(const struct pt_regs *regs);
asmlinkage long __wasm_vfork_exit(const struct pt_regs *regs);
asmlinkage long __wasm_vfork_result(const struct pt_regs *regs);

/* Where the generic table names calls that arch/wasm has in another form. */
#define __wasm_sys_rt_sigreturn	__wasm_rt_sigreturn

#undef __SYSCALL
#define __SYSCALL_WITH_COMPAT(nr, native, compat) __SYSCALL(nr, native)
#define __SYSCALL(nr, call) asmlinkage long __wasm_##call(const struct pt_regs *regs);
#include <asm/syscall_table_32.h>

/* The later of two initialisers of one entry holds. */
#pragma clang diagnostic ignored "-Winitializer-overrides"
#undef __SYSCALL
#define __SYSCALL(nr, call) [nr] = __wasm_##call,
const syscall_fn_t sys_call_table[__NR_syscalls] = {
	[0 ... __NR_syscalls - 1] = __wasm_sys_ni_syscall,
#include <asm/syscall_table_32.h>
	[__NR_clone] = __wasm_clone,
	[__NR_clone3] = __wasm_clone,
	[__NR_exit] = __wasm_vfork_exit,
	[__NR_exit_group] = __wasm_vfork_exit,
	[__NR_wasm_vfork_result] = __wasm_vfork_result,
};
