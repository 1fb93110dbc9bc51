// SPDX-License-Identifier: MIT
/** What statx(2), getdents64(2), statfs64(2) and inotify(7) store, read out of memory. Offsets: linux/stat.h, linux/dirent.h, asm/statfs.h. */

/** Of a file, plain data; times are milliseconds since 1970. */
export interface FileStatus {
  readonly dev: number;
  readonly ino: number;
  /** Type and permissions. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly size: number;
  readonly blksize: number;
  /** Of 512 bytes. */
  readonly blocks: number;
  readonly atimeMs: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly birthtimeMs: number;
}

export interface DirectoryEntry {
  readonly name: string;
  /** DT_*: see FileType. */
  readonly type: number;
}

export interface FileSystemStatus {
  readonly type: number;
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

/** A change that a watch has seen. */
export interface FileEvent {
  /** IN_*. */
  readonly mask: number;
  /** Of the file in the folder that is watched; empty for that itself. */
  readonly name: string;
}

/** DT_* of directory entries; shifted by 12, S_IF* of a mode. */
export const FileType = { Fifo: 1, Character: 2, Directory: 4, Block: 6, File: 8, Link: 10, Socket: 12 } as const;

export const STATX_BYTES = 256;
export const STATFS_BYTES = 88;

export function readStatus(bytes: Uint8Array): FileStatus {
  const view = viewOf(bytes);
  const u32 = (at: number) => view.getUint32(at, true);
  const u64 = (at: number) => Number(view.getBigUint64(at, true));
  const time = (at: number) => Number(view.getBigInt64(at, true)) * 1000 + u32(at + 8) / 1e6;
  return {
    dev: device(u32(136), u32(140)),
    ino: u64(32),
    mode: view.getUint16(28, true),
    nlink: u32(16),
    uid: u32(20),
    gid: u32(24),
    rdev: device(u32(128), u32(132)),
    size: u64(40),
    blksize: u32(4),
    blocks: u64(48),
    atimeMs: time(64),
    birthtimeMs: time(80),
    ctimeMs: time(96),
    mtimeMs: time(112),
  };
}

/** As makedev(3) has it, as far as Linux's numbers go. */
function device(major: number, minor: number): number {
  return ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

/** The entries but `.` and `..`. */
export function readEntries(bytes: Uint8Array): DirectoryEntry[] {
  const view = viewOf(bytes);
  const entries: DirectoryEntry[] = [];
  for (let at = 0; at < bytes.length; at += view.getUint16(at + 16, true)) {
    const name = textAt(bytes, at + 19);
    if (name !== '.' && name !== '..') entries.push({ name, type: view.getUint8(at + 18) });
  }
  return entries;
}

export function readFileSystemStatus(bytes: Uint8Array): FileSystemStatus {
  const view = viewOf(bytes);
  const u64 = (at: number) => Number(view.getBigUint64(at, true));
  return {
    type: view.getUint32(0, true),
    bsize: view.getUint32(4, true),
    blocks: u64(8),
    bfree: u64(16),
    bavail: u64(24),
    files: u64(32),
    ffree: u64(40),
  };
}

export function readEvents(bytes: Uint8Array): FileEvent[] {
  const view = viewOf(bytes);
  const events: FileEvent[] = [];
  for (let at = 0; at < bytes.length; at += 16 + view.getUint32(at + 12, true)) {
    const length = view.getUint32(at + 12, true);
    events.push({ mask: view.getUint32(at + 4, true), name: length > 0 ? textAt(bytes, at + 16) : '' });
  }
  return events;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function textAt(bytes: Uint8Array, at: number): string {
  return new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)));
}
