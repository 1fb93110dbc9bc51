/* SPDX-License-Identifier: MIT */
/* Pulled in by crt1.o unless the program has main(void), whose symbol this is:
 * the bridge to main(int, char **), __main_argc_argv to clang.  Not weak: an
 * archive member is only taken for a symbol that is still missing. */
#include <features.h>

int __main_argc_argv(int, char **);

extern hidden int __wasm_argc;
extern hidden char **__wasm_argv;

int __main_void(void)
{
	return __main_argc_argv(__wasm_argc, __wasm_argv);
}
