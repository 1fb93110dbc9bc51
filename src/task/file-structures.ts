// SPDX-License-Identifier: MIT
/**
 * Structures that file calls fill, as plain data. Their layouts are those of src/trace, which a test holds against the guest's headers;
 * that these are the same is tested beside this file.
 */

export const STATX_BYTES = 256;
export const statxOffsets = {
  stx_blksize: 4,
  stx_nlink: 16,
  stx_uid: 20,
  stx_gid: 24,
  stx_mode: 28,
  stx_ino: 32,
  stx_size: 40,
  stx_blocks: 48,
  stx_atime: 64,
  stx_btime: 80,
  stx_ctime: 96,
  stx_mtime: 112,
  stx_rdev_major: 128,
  stx_rdev_minor: 132,
  stx_dev_major: 136,
  stx_dev_minor: 140,
} as const;
/** Of struct statx_timestamp. */
export const TV_NSEC = 8;

/** What stat(2) tells. Times in milliseconds since 1970, with a fraction. */
export interface FileStat {
  readonly dev: number;
  readonly ino: number;
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

export function readStatx(bytes: Uint8Array): FileStat {
  const view = viewOf(bytes);
  const at = statxOffsets;
  const u32 = (offset: number): number => view.getUint32(offset, true);
  const u64 = (offset: number): number => Number(view.getBigUint64(offset, true));
  const time = (offset: number): number =>
    Number(view.getBigInt64(offset, true)) * 1000 + u32(offset + TV_NSEC) / 1_000_000;
  return {
    dev: deviceNumber(u32(at.stx_dev_major), u32(at.stx_dev_minor)),
    ino: u64(at.stx_ino),
    mode: view.getUint16(at.stx_mode, true),
    nlink: u32(at.stx_nlink),
    uid: u32(at.stx_uid),
    gid: u32(at.stx_gid),
    rdev: deviceNumber(u32(at.stx_rdev_major), u32(at.stx_rdev_minor)),
    size: u64(at.stx_size),
    blksize: u32(at.stx_blksize),
    blocks: u64(at.stx_blocks),
    atimeMs: time(at.stx_atime),
    mtimeMs: time(at.stx_mtime),
    ctimeMs: time(at.stx_ctime),
    birthtimeMs: time(at.stx_btime),
  };
}

/** A device as stat(2) gives it: the kernel's new_encode_dev(). */
function deviceNumber(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

export const STATFS_BYTES = 88;
export const statfsOffsets = {
  f_type: 0,
  f_bsize: 4,
  f_blocks: 8,
  f_bfree: 16,
  f_bavail: 24,
  f_files: 32,
  f_ffree: 40,
} as const;

/** What statfs(2) tells; sizes in blocks of `bsize` bytes. */
export interface FileSystemStat {
  readonly type: number;
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

export function readStatfs(bytes: Uint8Array): FileSystemStat {
  const view = viewOf(bytes);
  const at = statfsOffsets;
  const u64 = (offset: number): number => Number(view.getBigUint64(offset, true));
  return {
    type: view.getUint32(at.f_type, true),
    bsize: view.getUint32(at.f_bsize, true),
    blocks: u64(at.f_blocks),
    bfree: u64(at.f_bfree),
    bavail: u64(at.f_bavail),
    files: u64(at.f_files),
    ffree: u64(at.f_ffree),
  };
}

/** struct linux_dirent64: d_ino, d_off, d_reclen, d_type, d_name. */
const D_RECLEN = 16;
const D_TYPE = 18;
const D_NAME = 19;

/** An entry of a folder, with the name's bytes. */
export interface NamedEntry {
  readonly name: Uint8Array<ArrayBuffer>;
  /** DT_REG and the like: st_mode's type by 12 bits to the right; 0 when the file system does not tell. */
  readonly type: number;
}

/** All but `.` and `..`; the names are copies. */
export function readEntries(bytes: Uint8Array): NamedEntry[] {
  const view = viewOf(bytes);
  const entries: NamedEntry[] = [];
  for (let at = 0; at < bytes.length; at += view.getUint16(at + D_RECLEN, true)) {
    const begin = at + D_NAME;
    const name = new Uint8Array(bytes.subarray(begin, bytes.indexOf(0, begin)));
    if (!isDots(name)) entries.push({ name, type: bytes[at + D_TYPE] ?? 0 });
  }
  return entries;
}

const DOT = 0x2e;

function isDots(name: Uint8Array): boolean {
  return name[0] === DOT && (name.length === 1 || (name.length === 2 && name[1] === DOT));
}

/** struct inotify_event: wd, mask, cookie, len, name. */
const INOTIFY_MASK = 4;
const INOTIFY_LEN = 12;
const INOTIFY_NAME = 16;

export interface RawWatchEvent {
  readonly watch: number;
  /** Of InotifyEvent. */
  readonly mask: number;
  readonly name: string;
}

export function readWatchEvents(bytes: Uint8Array): RawWatchEvent[] {
  const view = viewOf(bytes);
  const decoder = new TextDecoder();
  const events: RawWatchEvent[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at + INOTIFY_LEN, true);
    const name = bytes.subarray(at + INOTIFY_NAME, at + INOTIFY_NAME + length);
    const end = name.indexOf(0);
    events.push({
      watch: view.getInt32(at, true),
      mask: view.getUint32(at + INOTIFY_MASK, true),
      name: decoder.decode(name.subarray(0, end < 0 ? length : end)),
    });
    at += INOTIFY_NAME + length;
  }
  return events;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
