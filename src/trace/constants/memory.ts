// SPDX-License-Identifier: MIT
/** Constants of memory and shared objects. Values are Linux's (asm-generic); a test compares them with the headers. */
import { enumeration, flags } from '../text.ts';

export const protections = flags('linux/mman.h', 'PROT_', {
  PROT_NONE: 0,
  PROT_READ: 1,
  PROT_WRITE: 2,
  PROT_EXEC: 4,
  PROT_SEM: 8,
  PROT_GROWSDOWN: 0x01000000,
  PROT_GROWSUP: 0x02000000,
});

export const mapFlags = flags('linux/mman.h', 'MAP_', {
  MAP_SHARED_VALIDATE: 3,
  MAP_SHARED: 1,
  MAP_PRIVATE: 2,
  MAP_FIXED: 0x10,
  MAP_ANONYMOUS: 0x20,
  MAP_GROWSDOWN: 0x100,
  MAP_DENYWRITE: 0x800,
  MAP_EXECUTABLE: 0x1000,
  MAP_LOCKED: 0x2000,
  MAP_NORESERVE: 0x4000,
  MAP_POPULATE: 0x8000,
  MAP_NONBLOCK: 0x10000,
  MAP_STACK: 0x20000,
  MAP_HUGETLB: 0x40000,
  MAP_SYNC: 0x80000,
  MAP_FIXED_NOREPLACE: 0x100000,
});

export const mremapFlags = flags('linux/mman.h', 'MREMAP_', {
  MREMAP_MAYMOVE: 1,
  MREMAP_FIXED: 2,
  MREMAP_DONTUNMAP: 4,
});

export const msyncFlags = flags('linux/mman.h', 'MS_', { MS_ASYNC: 1, MS_INVALIDATE: 2, MS_SYNC: 4 });

export const adviceOfMemory = enumeration('linux/mman.h', 'MADV_', {
  MADV_NORMAL: 0,
  MADV_RANDOM: 1,
  MADV_SEQUENTIAL: 2,
  MADV_WILLNEED: 3,
  MADV_DONTNEED: 4,
  MADV_FREE: 8,
  MADV_REMOVE: 9,
  MADV_DONTFORK: 10,
  MADV_DOFORK: 11,
  MADV_MERGEABLE: 12,
  MADV_UNMERGEABLE: 13,
  MADV_HUGEPAGE: 14,
  MADV_NOHUGEPAGE: 15,
  MADV_DONTDUMP: 16,
  MADV_DODUMP: 17,
  MADV_WIPEONFORK: 18,
  MADV_KEEPONFORK: 19,
  MADV_COLD: 20,
  MADV_PAGEOUT: 21,
  MADV_POPULATE_READ: 22,
  MADV_POPULATE_WRITE: 23,
  MADV_COLLAPSE: 25,
});

export const mlockallFlags = flags('linux/mman.h', 'MCL_', { MCL_CURRENT: 1, MCL_FUTURE: 2, MCL_ONFAULT: 4 });

export const mlockFlags = flags('linux/mman.h', 'MLOCK_', { MLOCK_ONFAULT: 1 });

export const ipcFlags = flags('linux/ipc.h', 'IPC_', { IPC_CREAT: 0o1000, IPC_EXCL: 0o2000, IPC_NOWAIT: 0o4000 });

export const shmFlags = flags('linux/shm.h', 'SHM_', { SHM_RDONLY: 0o10000, SHM_RND: 0o20000, SHM_REMAP: 0o40000 });

export const shmCommands = enumeration('linux/shm.h', 'IPC_', {
  IPC_RMID: 0,
  IPC_SET: 1,
  IPC_STAT: 2,
  IPC_INFO: 3,
  SHM_LOCK: 11,
  SHM_UNLOCK: 12,
  SHM_STAT: 13,
  SHM_INFO: 14,
  SHM_STAT_ANY: 15,
});

export const msgCommands = enumeration('linux/msg.h', 'IPC_', {
  IPC_RMID: 0,
  IPC_SET: 1,
  IPC_STAT: 2,
  IPC_INFO: 3,
  MSG_STAT: 11,
  MSG_INFO: 12,
  MSG_STAT_ANY: 13,
});

export const semCommands = enumeration('linux/sem.h', 'IPC_', {
  IPC_RMID: 0,
  IPC_SET: 1,
  IPC_STAT: 2,
  IPC_INFO: 3,
  GETPID: 11,
  GETVAL: 12,
  GETALL: 13,
  GETNCNT: 14,
  GETZCNT: 15,
  SETVAL: 16,
  SETALL: 17,
  SEM_STAT: 18,
  SEM_INFO: 19,
  SEM_STAT_ANY: 20,
});

export const msgFlags = flags('linux/msg.h', 'MSG_', {
  MSG_NOERROR: 0o10000,
  MSG_EXCEPT: 0o20000,
  MSG_COPY: 0o40000,
  IPC_NOWAIT: 0o4000,
});
