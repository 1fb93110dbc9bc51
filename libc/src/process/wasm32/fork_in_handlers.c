/* SPDX-License-Identifier: MIT */
/* Its presence tells wasm_fork.c how the program was linked. */
#include <features.h>

hidden const char __wasm_fork_in_handlers = 1;
