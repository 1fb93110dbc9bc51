/* SPDX-License-Identifier: MIT */
/*
 * System calls are one direct wasm call into the kernel: number and the
 * address of six words.  A 64-bit argument takes two of them.
 *
 * Four results are never a system call's own (-4095..-1 are errors); the slow
 * path in src/internal/wasm32/syscall_slow.c deals with them:
 *   -4096  a signal waits: fetch its frame, run its handler, rt_sigreturn
 *   -4097  the vfork child has left this stack: this is the parent again
 *   -4098  make the call again
 *   -4099  a clone that copies the process: wasm_clone.c makes it
 */
#include <stdint.h>

#define __SYSCALL_LL_E(x) \
((union { long long ll; long l[2]; }){ .ll = x }).l[0], \
((union { long long ll; long l[2]; }){ .ll = x }).l[1]
#define __SYSCALL_LL_O(x) __SYSCALL_LL_E((x))

#define WASM_RET_SIGNAL  (-4096L)
#define WASM_RET_VFORK   (-4097L)
#define WASM_RET_RESTART (-4098L)
#define WASM_RET_FORK    (-4099L)

/* system calls of this architecture alone, from __NR_arch_specific_syscall */
#define SYS_wasm_sigframe_fetch 244
#define SYS_wasm_vfork_pid      245
#define SYS_wasm_fork_unwound   246

__attribute__((import_module("env"), import_name("wasmlinux_syscall32")))
int32_t wasmlinux_syscall32(uint32_t nr, uint32_t *args);

long __wasm_syscall_slow(long n, uint32_t *args, long r, volatile int *cancel);

static inline long __wasm_syscall(long n, uint32_t *args)
{
	long r = wasmlinux_syscall32(n, args);
	if (__builtin_expect((unsigned long)r - WASM_RET_FORK < 4, 0))
		return __wasm_syscall_slow(n, args, r, 0);
	return r;
}

static inline long __syscall0(long n)
{
	uint32_t args[6];
	return __wasm_syscall(n, args);
}

static inline long __syscall1(long n, long a)
{
	uint32_t args[6];
	args[0] = a;
	return __wasm_syscall(n, args);
}

static inline long __syscall2(long n, long a, long b)
{
	uint32_t args[6];
	args[0] = a; args[1] = b;
	return __wasm_syscall(n, args);
}

static inline long __syscall3(long n, long a, long b, long c)
{
	uint32_t args[6];
	args[0] = a; args[1] = b; args[2] = c;
	return __wasm_syscall(n, args);
}

static inline long __syscall4(long n, long a, long b, long c, long d)
{
	uint32_t args[6];
	args[0] = a; args[1] = b; args[2] = c; args[3] = d;
	return __wasm_syscall(n, args);
}

static inline long __syscall5(long n, long a, long b, long c, long d, long e)
{
	uint32_t args[6];
	args[0] = a; args[1] = b; args[2] = c; args[3] = d; args[4] = e;
	return __wasm_syscall(n, args);
}

static inline long __syscall6(long n, long a, long b, long c, long d, long e, long f)
{
	uint32_t args[6] = { a, b, c, d, e, f };
	return __wasm_syscall(n, args);
}

#define IPC_64 0
