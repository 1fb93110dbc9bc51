// SPDX-License-Identifier: MIT
/**
 * The numbers of the system calls that host tasks make, by name. A test holds them against the one table of all (src/trace), which
 * is too large to be loaded for this.
 */
export const Syscall = {
  chdir: 49,
  close: 57,
  dup3: 24,
  execve: 221,
  exit_group: 94,
  ioctl: 29,
  kill: 129,
  mkdirat: 34,
  mmap2: 222,
  openat: 56,
  pipe2: 59,
  ppoll_time64: 414,
  read: 63,
  setgroups: 159,
  setresgid: 149,
  setresuid: 147,
  setsid: 157,
  unlinkat: 35,
  waitid: 95,
  write: 64,
} as const;
