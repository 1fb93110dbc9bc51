// SPDX-License-Identifier: MIT
/**
 * Writes a cpio archive in the "newc" format, the one that Linux unpacks as its initramfs. Pure: it takes entries and gives
 * bytes, and the same entries always give the same bytes. Used by the image's builder, for run requests and for other roots.
 *
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst of the kernel. An entry is
 *
 *     offset  bytes  content
 *          0      6  "070701"
 *          6   13×8  thirteen numbers of eight hexadecimal digits, in the order of `header` below
 *        110      n  the name, NUL-terminated, then zeros up to a multiple of 4
 *                    the data (of a symbolic link: its target), then zeros up to a multiple of 4
 *
 * and an entry named TRAILER!!! ends the archive. Several archives may follow one another, each at a multiple of 4.
 */

/** File type bits of a mode, as in stat(2). */
export const FileType = {
  Mask: 0o170000,
  Fifo: 0o010000,
  CharacterDevice: 0o020000,
  Directory: 0o040000,
  BlockDevice: 0o060000,
  Regular: 0o100000,
  SymbolicLink: 0o120000,
  Socket: 0o140000,
} as const;

/** One file of an archive. Made by the functions below, or read from other archives and folders. */
export interface CpioEntry {
  /** Path without a leading slash. Its folder must have come before, in this archive or in one unpacked earlier. */
  readonly path: string;
  /** File type and permissions, as in stat(2). */
  readonly mode: number;
  readonly data: Uint8Array;
  readonly device: { readonly major: number; readonly minor: number };
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch; archiveTime unless told. */
  readonly mtime?: number;
  /** Entries of one archive with the same key are one file under several names. One of them has its data. */
  readonly hardLink?: string;
}

/** Who owns a file; root unless told. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Seconds since the epoch: 1 January 2026, the time of every file, so that equal contents make equal archives. */
export const archiveTime = 1_767_225_600;

const root: Owner = { uid: 0, gid: 0 };
const noData = new Uint8Array(0);
const noDevice = { major: 0, minor: 0 };

export function directory(path: string, permissions = 0o755, owner: Owner = root): CpioEntry {
  return { path, mode: FileType.Directory | permissions, data: noData, device: noDevice, ...owner };
}

export function file(path: string, data: Uint8Array, permissions = 0o644, owner: Owner = root): CpioEntry {
  return { path, mode: FileType.Regular | permissions, data, device: noDevice, ...owner };
}

export function symbolicLink(path: string, target: string): CpioEntry {
  const data = new TextEncoder().encode(target);
  return { path, mode: FileType.SymbolicLink | 0o777, data, device: noDevice, ...root };
}

export function characterDevice(path: string, permissions: number, major: number, minor: number): CpioEntry {
  return { path, mode: FileType.CharacterDevice | permissions, data: noData, device: { major, minor }, ...root };
}

export function blockDevice(path: string, permissions: number, major: number, minor: number): CpioEntry {
  return { path, mode: FileType.BlockDevice | permissions, data: noData, device: { major, minor }, ...root };
}

/** Bytes of an entry's header. */
export const headerSize = 110;
/** The name of an archive's last entry. */
export const TRAILER = 'TRAILER!!!';
const trailer = file(TRAILER, noData, 0);

/** The archive of these entries, in this order. Its length is a multiple of 4. Throws RangeError on a name or file too long. */
export function cpioArchive(entries: readonly CpioEntry[]): Uint8Array {
  const encoder = new TextEncoder();
  const named = [...entries, trailer].map((entry) => ({ entry, name: encoder.encode(`${entry.path}\0`) }));
  let size = 0;
  for (const { entry, name } of named) {
    if (name.length > 4096) throw new RangeError(`${entry.path}: the name is longer than the kernel's 4096 bytes`);
    if (entry.data.length > 0xffff_ffff)
      throw new RangeError(`${entry.path}: a file of a cpio archive is at most 4 GiB`);
    size = aligned(size + headerSize + name.length);
    size = aligned(size + entry.data.length);
  }
  const archive = new Uint8Array(size);
  const linked = new Map<string, number>();
  let at = 0;
  for (const [index, { entry, name }] of named.entries()) {
    // The kernel takes equal inode numbers for hard links, so every other entry has its own.
    const inode = (entry.hardLink !== undefined && linked.get(entry.hardLink)) || index + 1;
    if (entry.hardLink !== undefined) linked.set(entry.hardLink, inode);
    const header = [
      ['inode', inode],
      ['mode', entry.mode],
      ['uid', entry.uid],
      ['gid', entry.gid],
      // All that the kernel asks is whether there may be others.
      ['links', entry.hardLink === undefined ? 1 : 2],
      ['mtime', entry === trailer ? 0 : (entry.mtime ?? archiveTime)],
      ['size', entry.data.length],
      ['major of the file system', 0],
      ['minor of the file system', 0],
      ['major of the device', entry.device.major],
      ['minor of the device', entry.device.minor],
      ['length of the name', name.length],
      ['checksum', 0],
    ] as const;
    const text = `070701${header.map(([, value]) => value.toString(16).padStart(8, '0')).join('')}`;
    encoder.encodeInto(text, archive.subarray(at));
    archive.set(name, at + headerSize);
    at = aligned(at + headerSize + name.length);
    archive.set(entry.data, at);
    at = aligned(at + entry.data.length);
  }
  return archive;
}

/** Where the next header or the data begins. */
export function aligned(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}
