/* SPDX-License-Identifier: MIT */
/* Pulled in unless the program has main(int, char **): the bridge to main with
 * three parameters, which clang leaves as plain "main". */
#include <features.h>

extern char **__environ;
int main_with_environment(int, char **, char **) __asm__("main");

int __main_argc_argv(int argc, char **argv)
{
	return main_with_environment(argc, argv, __environ);
}
