// SPDX-License-Identifier: MIT
/* In place of libc's: a program linked with it can't reach fork, so the link makes nothing of it able to (src/build/real). */
#include <errno.h>

long __wasm_fork(void)
{
	return -ENOSYS;
}
