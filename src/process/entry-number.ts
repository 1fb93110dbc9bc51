// SPDX-License-Identifier: MIT
/** In place of a system call's number: the two entries into the kernel that are none. The trampoline tells the tracer by these. */
export const EntryNumber = { fork: -1, vfork: -2 } as const;
