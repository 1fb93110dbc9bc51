// SPDX-License-Identifier: MIT
/** System calls on names of files, and on descriptors. */
import { type ArgumentType, type Call, call, isError, signedWord, word } from '../call.ts';
import * as c from '../constants/files.ts';

import { signalName } from '../constants/signals.ts';
import { ioctlArgument, ioctlRequest } from '../ioctl.ts';
import { i32, i64, type Layout, showAt, u64 } from '../layout.ts';
import * as s from '../structs.ts';
import { pointer } from '../text.ts';
import * as t from '../types.ts';

// fcntl: the command says what the third argument is

const NO_ARGUMENT: readonly number[] = [1, 3, 9, 11, 1025, 1032, 1034];
const LOCKS: readonly number[] = [5, 6, 7, 12, 13, 14, 36, 37, 38];
const GETLOCKS: readonly number[] = [5, 12, 36];
const F_SETFD = 2;
const F_SETFL = 4;
const F_SETSIG = 10;
const F_SETOWN_EX = 15;
const F_GETOWN_EX = 16;
const F_SETLEASE = 1024;
const F_GETLEASE = 1025;
const F_NOTIFY = 1026;
const F_ADD_SEALS = 1033;
const F_GETFD = 1;
const F_GETFL = 3;
const F_GET_SEALS = 1034;

const isGetLock = (here: Call) => GETLOCKS.includes(word(here, 1));
const fcntlArgument: ArgumentType = t.onlyIf((here) => !NO_ARGUMENT.includes(word(here, 1)), {
  kind: 'pointer',
  words: 1,
  isOutput: (here) => isGetLock(here) || word(here, 1) === F_GETOWN_EX,
  show: (here, at) => {
    const command = word(here, 1);
    const value = word(here, at);
    if (LOCKS.includes(command)) {
      return isError(here.result) ? pointer(value) : showAt(here, value, isGetLock(here) ? s.flock : s.flockRequest);
    }
    if (command === F_SETOWN_EX || command === F_GETOWN_EX) {
      return isError(here.result) ? pointer(value) : showAt(here, value, s.fileOwner);
    }
    if (command === F_SETLEASE) return c.lockTypes.show(value);
    if (command === F_NOTIFY) return c.folderEvents.show(value);
    if (command === F_SETFD) return c.fdFlags.show(value);
    if (command === F_SETFL) return s.openFlagsText(value);
    if (command === F_SETSIG) return signalName(value);
    if (command === F_ADD_SEALS) return c.seals.show(value);
    return String(value | 0);
  },
});

const fcntlResult = (here: Call) => (fcntlNote(here) === '' ? 'number' : 'hex');

function fcntlNote(here: Call): string {
  const { result } = here;
  switch (word(here, 1)) {
    case F_GETFD:
      return result === 0 ? '' : `flags ${c.fdFlags.show(result)}`;
    case F_GETFL:
      return `flags ${s.openFlagsText(result)}`;
    case F_GETLEASE:
      return c.lockTypes.show(result);
    case F_GET_SEALS:
      return `seals ${c.seals.show(result)}`;
    default:
      return '';
  }
}

// poll and epoll

const revents: Layout = {
  size: 8,
  show: (m, at) => (m.u16(at + 6) === 0 ? '' : `{fd=${m.i32(at)}, revents=${c.pollEvents.show(m.u16(at + 6))}}`),
};

/** The descriptors that are ready; and what is left of the time, for ppoll. */
function pollNote(here: Call): string {
  if (here.result === 0) return 'Timeout';
  const texts: string[] = [];
  const count = word(here, 1);
  for (let i = 0; i < count && texts.length < here.result; i++) {
    const at = word(here, 0) + i * 8;
    if (!here.memory.has(at, 8)) break;
    const text = revents.show(here.memory, at, here);
    if (text !== '') texts.push(text);
  }
  return `[${texts.join(', ')}]`;
}

function descriptorSet(here: Call, at: number, count: number): number[] {
  const set: number[] = [];
  for (let fd = 0; fd < count; fd++) {
    if (!here.memory.has(at + (fd >> 3), 1)) break;
    if ((here.memory.u8(at + (fd >> 3)) >> (fd & 7)) & 1) set.push(fd);
  }
  return set;
}

/** fd_set, as it goes in. */
const selectSet: ArgumentType = {
  kind: 'pointer',
  words: 1,
  isOutput: false,
  show: (here, at) => {
    const address = word(here, at);
    const count = Math.min(Math.max(signedWord(here, 0), 0), 1024);
    return address === 0 ? 'NULL' : `[${descriptorSet(here, address, count).join(' ')}]`;
  },
};

function selectNote(here: Call): string {
  if (here.result === 0) return 'Timeout';
  const count = Math.min(Math.max(signedWord(here, 0), 0), 1024);
  return ['in', 'out', 'except']
    .map((name, index) => [name, word(here, index + 1)] as const)
    .filter(([, at]) => at !== 0)
    .map(([name, at]) => [name, descriptorSet(here, at, count)] as const)
    .filter(([, set]) => set.length > 0)
    .map(([name, set]) => `${name} [${set.join(' ')}]`)
    .join(', ');
}

// directories

const entries: ArgumentType = {
  kind: 'pointer',
  words: 1,
  isOutput: true,
  show: (here, at) => {
    const address = word(here, at);
    if (isError(here.result)) return pointer(address);
    let count = 0;
    for (let offset = 0; offset < here.result; count++) {
      if (!here.memory.has(address + offset, 19)) break;
      const size = here.memory.u16(address + offset + 16);
      if (size === 0) break;
      offset += size;
    }
    return `${pointer(address)} /* ${count} ${count === 1 ? 'entry' : 'entries'} */`;
  },
};

const pipeEnds = t.arrayOut(i32, () => 2);
const listOut = t.bytesOutWithin;

const attributes = (nr: number, prefix: string, target: ArgumentType, group: string) => [
  call(nr, `${prefix}setxattr`, [target, t.string, t.bytesIn(3), t.length, t.bits(c.xattrFlags)], group),
  call(nr + 3, `${prefix}getxattr`, [target, t.string, t.bytesOutWithin(3), t.length], group),
  call(nr + 6, `${prefix}listxattr`, [target, listOut(2), t.length], group),
  call(nr + 9, `${prefix}removexattr`, [target, t.string], group),
];

export const fileCalls = [
  ...attributes(5, '', t.path, 'file'),
  ...attributes(6, 'l', t.path, 'file'),
  ...attributes(7, 'f', t.fd, 'desc'),
  call(17, 'getcwd', [t.stringOut, t.length], 'file'),
  call(19, 'eventfd2', [t.uint, t.bits(c.eventfdFlags)], 'desc', { result: 'fd' }),
  call(20, 'epoll_create1', [t.bits(c.epollFlags)], 'desc', { result: 'fd' }),
  call(21, 'epoll_ctl', [t.fd, t.bits(c.epollOperations), t.fd, t.structIn(s.epollEvent)], 'desc'),
  call(
    22,
    'epoll_pwait',
    [t.fd, t.arrayOut(s.epollEvent, t.resultCount), t.int, t.int, t.structIn(s.sigset), t.length],
    'desc',
  ),
  call(23, 'dup', [t.fd], 'desc', { result: 'fd' }),
  call(24, 'dup3', [t.fd, t.fd, t.bits(c.pipeFlags)], 'desc', { result: 'fd' }),
  call(25, 'fcntl64', [t.fd, t.bits(c.fcntlCommands), fcntlArgument], 'desc', { note: fcntlNote, result: fcntlResult }),
  call(26, 'inotify_init1', [t.bits(c.inotifyFlags)], 'desc', { result: 'fd' }),
  call(27, 'inotify_add_watch', [t.fd, t.path, t.bits(c.inotifyEvents)], 'desc file'),
  call(28, 'inotify_rm_watch', [t.fd, t.int], 'desc'),
  call(29, 'ioctl', [t.fd, ioctlRequest, ioctlArgument], 'desc'),
  call(32, 'flock', [t.fd, t.bits(c.flockOperations)], 'desc'),
  call(33, 'mknodat', [t.folderFd, t.path, t.typeAndMode, t.device], 'desc file'),
  call(34, 'mkdirat', [t.folderFd, t.path, t.mode], 'desc file'),
  call(35, 'unlinkat', [t.folderFd, t.path, t.bits(c.unlinkFlags)], 'desc file'),
  call(36, 'symlinkat', [t.path, t.folderFd, t.path], 'desc file'),
  call(37, 'linkat', [t.folderFd, t.path, t.folderFd, t.path, t.bits(c.atFlags)], 'desc file'),
  call(39, 'umount2', [t.path, t.bits(c.umountFlags)], 'file'),
  call(40, 'mount', [t.path, t.path, t.string, t.bits(c.mountFlags), t.string], 'file'),
  call(41, 'pivot_root', [t.path, t.path], 'file'),
  call(43, 'statfs64', [t.path, t.length, t.structOut(s.statfs)], 'file'),
  call(44, 'fstatfs64', [t.fd, t.length, t.structOut(s.statfs)], 'desc'),
  call(45, 'truncate64', [t.path, t.int64], 'file'),
  call(46, 'ftruncate64', [t.fd, t.int64], 'desc'),
  call(47, 'fallocate', [t.fd, t.bits(c.fallocateModes), t.int64, t.int64], 'desc'),
  call(48, 'faccessat', [t.folderFd, t.path, t.accessMode], 'desc file'),
  call(49, 'chdir', [t.path], 'file'),
  call(50, 'fchdir', [t.fd], 'desc'),
  call(51, 'chroot', [t.path], 'file'),
  call(52, 'fchmod', [t.fd, t.mode], 'desc'),
  call(53, 'fchmodat', [t.folderFd, t.path, t.mode], 'desc file'),
  call(54, 'fchownat', [t.folderFd, t.path, t.userId, t.userId, t.bits(c.atFlags)], 'desc file'),
  call(55, 'fchown', [t.fd, t.userId, t.userId], 'desc'),
  call(56, 'openat', [t.folderFd, t.path, t.openFlags, t.modeIfCreating(2)], 'desc file', { result: 'fd' }),
  call(57, 'close', [t.fd], 'desc'),
  call(58, 'vhangup', []),
  call(59, 'pipe2', [pipeEnds, t.bits(c.pipeFlags)], 'desc'),
  call(61, 'getdents64', [t.fd, entries, t.length], 'desc'),
  call(62, '_llseek', [t.fd, highWordFirst(), t.numberOut(i64), t.bits(c.whences)], 'desc'),
  call(63, 'read', [t.fd, t.bytesOut, t.length], 'desc'),
  call(64, 'write', [t.fd, t.bytesIn(2), t.length], 'desc'),
  call(65, 'readv', [t.fd, t.vectorOut(2), t.length], 'desc'),
  call(66, 'writev', [t.fd, t.vectorIn(2), t.length], 'desc'),
  call(67, 'pread64', [t.fd, t.bytesOut, t.length, t.int64], 'desc'),
  call(68, 'pwrite64', [t.fd, t.bytesIn(2), t.length, t.int64], 'desc'),
  call(69, 'preadv', [t.fd, t.vectorOut(2), t.length, t.int64], 'desc'),
  call(70, 'pwritev', [t.fd, t.vectorIn(2), t.length, t.int64], 'desc'),
  call(71, 'sendfile64', [t.fd, t.fd, t.numberIn(i64), t.length], 'desc network'),
  call(75, 'vmsplice', [t.fd, t.vectorIn(2), t.length, t.bits(c.spliceFlags)], 'desc'),
  call(76, 'splice', [t.fd, t.numberIn(i64), t.fd, t.numberIn(i64), t.length, t.bits(c.spliceFlags)], 'desc'),
  call(77, 'tee', [t.fd, t.fd, t.length, t.bits(c.spliceFlags)], 'desc'),
  call(78, 'readlinkat', [t.folderFd, t.path, t.pathOut, t.length], 'desc file'),
  call(81, 'sync', []),
  call(82, 'fsync', [t.fd], 'desc'),
  call(83, 'fdatasync', [t.fd], 'desc'),
  call(84, 'sync_file_range', [t.fd, t.int64, t.int64, t.bits(c.syncRangeFlags)], 'desc'),
  call(89, 'acct', [t.path], 'file'),
  call(166, 'umask', [t.mode], '', { result: 'octal' }),
  call(213, 'readahead', [t.fd, t.int64, t.length], 'desc'),
  call(223, 'fadvise64_64', [t.fd, t.int64, t.int64, t.bits(c.adviceOfFiles)], 'desc'),
  call(262, 'fanotify_init', [t.hexNumber, t.openFlags], 'desc', { result: 'fd' }),
  call(263, 'fanotify_mark', [t.fd, t.hexNumber, t.int64, t.folderFd, t.path], 'desc file'),
  call(264, 'name_to_handle_at', [t.folderFd, t.path, t.anyPointer, t.numberOut(i32), t.bits(c.atFlags)], 'desc file'),
  call(265, 'open_by_handle_at', [t.fd, t.anyPointer, t.openFlags], 'desc', { result: 'fd' }),
  call(267, 'syncfs', [t.fd], 'desc'),
  call(276, 'renameat2', [t.folderFd, t.path, t.folderFd, t.path, t.bits(c.renameFlags)], 'desc file'),
  call(279, 'memfd_create', [t.string, t.bits(c.memfdFlags)], 'desc', { result: 'fd' }),
  call(285, 'copy_file_range', [t.fd, t.numberIn(i64), t.fd, t.numberIn(i64), t.length, t.uint], 'desc'),
  call(286, 'preadv2', [t.fd, t.vectorOut(2), t.length, t.int64, t.bits(c.rwFlags)], 'desc'),
  call(287, 'pwritev2', [t.fd, t.vectorIn(2), t.length, t.int64, t.bits(c.rwFlags)], 'desc'),
  call(
    291,
    'statx',
    [t.folderFd, t.path, t.bits(c.statxFlags), t.bits(c.statxMask), t.structOut(s.statx)],
    'desc file stat',
  ),
  call(412, 'utimensat_time64', [t.folderFd, t.path, fileTimes(), t.bits(c.atFlags)], 'desc file'),
  call(
    413,
    'pselect6_time64',
    [t.int, selectSet, selectSet, selectSet, t.structIn(s.timespec), t.structIn(s.maskWithSize)],
    'desc',
    { note: selectNote },
  ),
  call(
    414,
    'ppoll_time64',
    [t.arrayIn(s.pollfd, 1), t.length, t.structIn(s.timespec), t.structIn(s.sigset), t.length],
    'desc',
    { note: pollNote },
  ),
  call(428, 'open_tree', [t.folderFd, t.path, t.bits(c.openTreeFlags)], 'desc file', { result: 'fd' }),
  call(429, 'move_mount', [t.folderFd, t.path, t.folderFd, t.path, t.bits(c.moveMountFlags)], 'desc file'),
  call(430, 'fsopen', [t.string, t.bits(c.fsopenFlags)], 'desc', { result: 'fd' }),
  call(431, 'fsconfig', [t.fd, t.bits(c.fsconfigCommands), t.string, t.anyPointer, t.int], 'desc file'),
  call(432, 'fsmount', [t.fd, t.bits(c.fsmountFlags), t.bits(c.mountAttributes)], 'desc', { result: 'fd' }),
  call(433, 'fspick', [t.folderFd, t.path, t.hexNumber], 'desc file', { result: 'fd' }),
  call(436, 'close_range', [t.fd, t.fd, t.bits(c.closeRangeFlags)], 'desc'),
  call(437, 'openat2', [t.folderFd, t.path, t.structIn(s.openHow), t.length], 'desc file', { result: 'fd' }),
  call(439, 'faccessat2', [t.folderFd, t.path, t.accessMode, t.bits(c.faccessFlags)], 'desc file'),
  call(
    441,
    'epoll_pwait2',
    [t.fd, t.arrayOut(s.epollEvent, t.resultCount), t.int, t.structIn(s.timespec), t.structIn(s.sigset), t.length],
    'desc',
  ),
  call(442, 'mount_setattr', [t.folderFd, t.path, t.bits(c.atFlags), t.structIn(s.mountAttr), t.length], 'desc file'),
  call(451, 'cachestat', [t.fd, t.anyPointer, t.anyPointer, t.hexNumber], 'desc'),
  call(452, 'fchmodat2', [t.folderFd, t.path, t.mode, t.bits(c.atFlags)], 'desc file'),
  call(457, 'statmount', [t.anyPointer, t.anyPointer, t.length, t.hexNumber]),
  call(458, 'listmount', [t.anyPointer, t.arrayOut(u64, t.resultCount), t.length, t.hexNumber]),
];

/** The offset of llseek comes as two words, the high one first. */
function highWordFirst(): ArgumentType {
  return {
    kind: 'number',
    words: 2,
    isOutput: false,
    show: (here, at) => String(BigInt.asIntN(64, (BigInt(word(here, at)) << 32n) | BigInt(word(here, at + 1)))),
  };
}

function fileTimes(): ArgumentType {
  return t.structIn({
    size: 32,
    show: (m, at, here) => `[${s.fileTime.show(m, at, here)}, ${s.fileTime.show(m, at + 16, here)}]`,
  });
}
