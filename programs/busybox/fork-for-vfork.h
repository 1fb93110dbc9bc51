/* SPDX-License-Identifier: MIT */
/*
 * Put before every file of busybox. Configured for machines with an MMU, busybox believes that a vfork child may do whatever a
 * fork child may; timeout's forks again and returns from main. Ours runs on its parent's frames and can't, so busybox forks.
 */
#ifndef __ASSEMBLER__
#include <unistd.h>
#undef vfork
#define vfork() fork()
#endif
