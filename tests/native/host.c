// SPDX-License-Identifier: MIT
/*
 * Runs the program of the seed that wasm2c has made program.h and program.c of: calls its main, and serves two system calls, write
 * and exit. Others are ENOSYS.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "program.h"

/* As <asm-generic/unistd.h> has them. */
#define NR_WRITE 64
#define NR_EXIT 93
#define NR_EXIT_GROUP 94

struct w2c_env {
	w2c_program *program;
};

u32 w2c_env_wasmlinux_syscall32(struct w2c_env *env, u32 number, u32 at)
{
	wasm_rt_memory_t *memory = w2c_program_memory(env->program);
	u32 arguments[6];
	ssize_t written;

	if (memory->size < sizeof(arguments) || at > memory->size - sizeof(arguments))
		return -EFAULT;
	memcpy(arguments, memory->data + at, sizeof(arguments));
	switch (number) {
	case NR_WRITE:
		if (arguments[1] > memory->size || arguments[2] > memory->size - arguments[1])
			return -EFAULT;
		written = write((int)arguments[0], memory->data + arguments[1], arguments[2]);
		return written < 0 ? -errno : written;
	case NR_EXIT:
	case NR_EXIT_GROUP:
		exit((int)arguments[0] & 0xff);
	}
	return -ENOSYS;
}

int main(void)
{
	w2c_program program;
	struct w2c_env env = { &program };
	u32 status;

	wasm2c_program_instantiate(&program, &env);
	status = w2c_program_0x5F_main_argc_argv(&program, 0, 0);
	wasm2c_program_free(&program);
	return (int)status & 0xff;
}
