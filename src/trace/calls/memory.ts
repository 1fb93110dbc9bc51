// SPDX-License-Identifier: MIT
/** System calls on memory, and on the objects that processes share: SysV IPC and message queues. */
import { type ArgumentType, call, word } from '../call.ts';
import * as c from '../constants/memory.ts';
import { i32, u16, u32 } from '../layout.ts';
import * as s from '../structs.ts';
import { enumeration, flags, hex } from '../text.ts';
import * as t from '../types.ts';

/** An offset in pages of 4096 bytes, as mmap2 has it: shown in bytes. */
const pageOffset: ArgumentType = {
  kind: 'number',
  words: 1,
  isOutput: false,
  show: (here, at) => (word(here, at) === 0 ? '0' : hex(BigInt(word(here, at)) << 12n)),
};

const ipcKey: ArgumentType = {
  kind: 'number',
  words: 1,
  isOutput: false,
  show: (here, at) => (word(here, at) === 0 ? 'IPC_PRIVATE' : hex(word(here, at))),
};

/** The commands of SysV IPC carry a bit that asks for the present layouts; it is always set here. */
const IPC_64 = 0x100;
const ipcCommand = (set: { readonly show: (value: number) => string }): ArgumentType => ({
  kind: 'number',
  words: 1,
  isOutput: false,
  show: (here, at) => {
    const value = word(here, at);
    return value & IPC_64 ? `IPC_64|${set.show(value & ~IPC_64)}` : set.show(value);
  },
});

/** A message: {mtype, "text"}; sizeAt: the word with the length of the text. */
const messageIn = (sizeAt: number): ArgumentType => ({
  kind: 'pointer',
  words: 1,
  isOutput: false,
  show: (here, at) =>
    t
      .structIn({
        size: 4,
        show: (m, address) => {
          const bytes = t.bytesIn(sizeAt).show({ ...here, words: replaced(here.words, at, address + 4) }, at);
          return `{mtype=${m.i32(address)}, mtext=${bytes}}`;
        },
      })
      .show(here, at),
});

const messageOut: ArgumentType = {
  kind: 'pointer',
  words: 1,
  isOutput: true,
  show: (here, at) =>
    t
      .structOut({
        size: 4,
        show: (m, address) => {
          const bytes = t.bytesOut.show({ ...here, words: replaced(here.words, at, address + 4) }, at);
          return `{mtype=${m.i32(address)}, mtext=${bytes}}`;
        },
      })
      .show(here, at),
};

function replaced(words: Uint32Array, at: number, value: number): Uint32Array {
  const copy = words.slice();
  copy[at] = value;
  return copy;
}

const pkeyRights = flags('', 'PKEY_', { PKEY_DISABLE_ACCESS: 1, PKEY_DISABLE_WRITE: 2 });
const keyctls = enumeration('linux/keyctl.h', 'KEYCTL_', {
  KEYCTL_GET_KEYRING_ID: 0,
  KEYCTL_JOIN_SESSION_KEYRING: 1,
  KEYCTL_UPDATE: 2,
  KEYCTL_REVOKE: 3,
  KEYCTL_CHOWN: 4,
  KEYCTL_SETPERM: 5,
  KEYCTL_DESCRIBE: 6,
  KEYCTL_CLEAR: 7,
  KEYCTL_LINK: 8,
  KEYCTL_UNLINK: 9,
  KEYCTL_SEARCH: 10,
  KEYCTL_READ: 11,
});

export const memoryCalls = [
  call(194, 'shmget', [ipcKey, t.length, t.flagsWithMode(c.ipcFlags)], 'ipc'),
  call(195, 'shmctl', [t.int, ipcCommand(c.shmCommands), t.anyPointer], 'ipc'),
  call(196, 'shmat', [t.int, t.anyPointer, t.bits(c.shmFlags)], 'ipc memory', { result: 'hex' }),
  call(197, 'shmdt', [t.anyPointer], 'ipc memory'),
  call(214, 'brk', [t.anyPointer], 'memory', { result: 'hex' }),
  call(215, 'munmap', [t.anyPointer, t.length], 'memory'),
  call(
    216,
    'mremap',
    [
      t.anyPointer,
      t.length,
      t.length,
      t.bits(c.mremapFlags),
      t.onlyIf((here) => (word(here, 3) & 2) !== 0, t.anyPointer),
    ],
    'memory',
    { result: 'hex' },
  ),
  call(
    222,
    'mmap2',
    [t.anyPointer, t.length, t.bits(c.protections), t.bits(c.mapFlags), t.fd, pageOffset],
    'memory desc',
    { result: 'hex' },
  ),
  call(226, 'mprotect', [t.anyPointer, t.length, t.bits(c.protections)], 'memory'),
  call(227, 'msync', [t.anyPointer, t.length, t.bits(c.msyncFlags)], 'memory'),
  call(228, 'mlock', [t.anyPointer, t.length], 'memory'),
  call(229, 'munlock', [t.anyPointer, t.length], 'memory'),
  call(230, 'mlockall', [t.bits(c.mlockallFlags)], 'memory'),
  call(231, 'munlockall', [], 'memory'),
  call(232, 'mincore', [t.anyPointer, t.length, t.anyPointer], 'memory'),
  call(233, 'madvise', [t.anyPointer, t.length, t.bits(c.adviceOfMemory)], 'memory'),
  call(234, 'remap_file_pages', [t.anyPointer, t.length, t.bits(c.protections), t.uint, t.bits(c.mapFlags)], 'memory'),
  call(235, 'mbind', [t.anyPointer, t.length, t.int, t.anyPointer, t.uint, t.hexNumber], 'memory'),
  call(236, 'get_mempolicy', [t.numberOut(i32), t.anyPointer, t.uint, t.anyPointer, t.hexNumber], 'memory'),
  call(237, 'set_mempolicy', [t.int, t.anyPointer, t.uint], 'memory'),
  call(238, 'migrate_pages', [t.pid, t.uint, t.anyPointer, t.anyPointer], 'memory'),
  call(239, 'move_pages', [t.pid, t.length, t.anyPointer, t.anyPointer, t.anyPointer, t.hexNumber], 'memory'),
  call(282, 'userfaultfd', [t.hexNumber], 'desc', { result: 'fd' }),
  call(284, 'mlock2', [t.anyPointer, t.length, t.bits(c.mlockFlags)], 'memory'),
  call(288, 'pkey_mprotect', [t.anyPointer, t.length, t.bits(c.protections), t.int], 'memory'),
  call(289, 'pkey_alloc', [t.hexNumber, t.bits(pkeyRights)]),
  call(290, 'pkey_free', [t.int]),
  call(440, 'process_madvise', [t.fd, t.vectorIn(2), t.length, t.bits(c.adviceOfMemory), t.hexNumber], 'desc'),
  call(448, 'process_mrelease', [t.fd, t.hexNumber], 'desc'),
  call(450, 'set_mempolicy_home_node', [t.anyPointer, t.length, t.uint, t.hexNumber], 'memory'),
  call(453, 'map_shadow_stack', [t.anyPointer, t.length, t.hexNumber], 'memory', { result: 'hex' }),
  call(462, 'mseal', [t.anyPointer, t.length, t.hexNumber], 'memory'),

  call(180, 'mq_open', [t.string, t.openFlags, t.modeIfCreating(1), mqAttributesIfCreating()], 'desc ipc', {
    result: 'fd',
  }),
  call(181, 'mq_unlink', [t.string], 'ipc'),
  call(184, 'mq_notify', [t.fd, t.structIn(s.sigevent)], 'desc ipc'),
  call(185, 'mq_getsetattr', [t.fd, t.structIn(s.mqAttributes), t.structOut(s.mqAttributes)], 'desc ipc'),
  call(418, 'mq_timedsend_time64', [t.fd, t.bytesIn(2), t.length, t.uint, t.structIn(s.timespec)], 'desc ipc'),
  call(
    419,
    'mq_timedreceive_time64',
    [t.fd, t.bytesOut, t.length, t.numberOut(u32), t.structIn(s.timespec)],
    'desc ipc',
  ),
  call(186, 'msgget', [ipcKey, t.flagsWithMode(c.ipcFlags)], 'ipc'),
  call(187, 'msgctl', [t.int, ipcCommand(c.msgCommands), t.anyPointer], 'ipc'),
  call(188, 'msgrcv', [t.int, messageOut, t.length, t.int, t.bits(c.msgFlags)], 'ipc'),
  call(189, 'msgsnd', [t.int, messageIn(2), t.length, t.bits(c.msgFlags)], 'ipc'),
  call(190, 'semget', [ipcKey, t.int, t.flagsWithMode(c.ipcFlags)], 'ipc'),
  call(191, 'semctl', [t.int, t.int, ipcCommand(c.semCommands), semctlArgument()], 'ipc'),
  call(193, 'semop', [t.int, t.arrayIn(s.sembuf, 2), t.length], 'ipc'),
  call(420, 'semtimedop_time64', [t.int, t.arrayIn(s.sembuf, 2), t.length, t.structIn(s.timespec)], 'ipc'),

  call(217, 'add_key', [t.string, t.string, t.bytesIn(3), t.length, t.int]),
  call(218, 'request_key', [t.string, t.string, t.string, t.int]),
  call(219, 'keyctl', [t.bits(keyctls), t.hexNumber, t.hexNumber, t.hexNumber, t.hexNumber]),
];

function mqAttributesIfCreating(): ArgumentType {
  return t.onlyIf((here) => (word(here, 1) & 0o100) !== 0, t.structIn(s.mqAttributes));
}

/** The value itself: a union that is passed by value. */
function semctlArgument(): ArgumentType {
  const SETVAL = 16;
  const SETALL = 17;
  return {
    kind: 'pointer',
    words: 1,
    isOutput: false,
    show: (here, at) => {
      const command = word(here, at - 1) & ~IPC_64;
      if (command === SETVAL) return String(word(here, at) | 0);
      return command === SETALL ? t.structIn(u16).show(here, at) : t.anyPointer.show(here, at);
    },
  };
}
