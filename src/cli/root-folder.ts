// SPDX-License-Identifier: MIT
/** Reads a folder of the host as entries of an archive: names, types, modes, owners, times, hard links. Called by root.ts. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join, posix } from 'node:path';
import { ArchiveError } from '../image/archive-error.ts';
import { type CpioEntry, FileType } from '../image/cpio.ts';
import { reasonOf } from './host-error.ts';
import { describeSize } from './quantities.ts';

/** Files of Windows don't say who may execute them: anybody may. */
const hasPermissions = process.platform !== 'win32';

const noData = new Uint8Array(0);
/** What a name that is not UTF-8 is read as. */
const REPLACEMENT = '\ufffd';

/** What is more than a machine of `limit` bytes can hold. */
export function tooLarge(limit: number): ArchiveError {
  return new ArchiveError(`it has more than ${describeSize(limit)}, the memory of the machine`);
}

/**
 * A folder comes before what lies in it. Other file systems are not entered: /proc and its like have no end. Stops with an
 * ArchiveError when something can't be read, or when the contents are more than `limit` bytes.
 */
export function readFolder(folder: string, limit: number): CpioEntry[] {
  const { dev } = lstatSync(join(folder, '.'));
  const entries: CpioEntry[] = [];
  const linked = new Set<string>();
  let size = 0;
  const read = (path: string): void => {
    const file = join(folder, path);
    let names: string[] = [];
    try {
      const stat = lstatSync(file);
      size += stat.isFile() ? stat.size : 0;
      if (size > limit) throw tooLarge(limit);
      entries.push(entryOf(file, path, stat, linked));
      if (stat.isDirectory() && stat.dev === dev) names = readdirSync(file).sort();
    } catch (error) {
      if (error instanceof ArchiveError) throw error;
      throw new ArchiveError(`${path} in it can't be read: ${reasonOf(error)}`);
    }
    for (const name of names) {
      if (name.includes(REPLACEMENT)) throw new ArchiveError(`the name ${posix.join(path, name)} in it is not UTF-8`);
      read(posix.join(path, name));
    }
  };
  read('.');
  return entries;
}

/** `linked` has the hard links whose contents an earlier entry has. */
function entryOf(file: string, path: string, stat: Stats, linked: Set<string>): CpioEntry {
  const { mode, uid, gid, dev, ino, rdev } = stat;
  const hardLink = stat.nlink > 1 && !stat.isDirectory() ? `${dev}:${ino}` : undefined;
  const data = hardLink !== undefined && linked.has(hardLink) ? noData : contents(file, stat);
  if (hardLink !== undefined) linked.add(hardLink);
  return {
    path,
    mode: (mode & FileType.Mask) | (hasPermissions ? mode & 0o7777 : 0o755),
    data,
    // As the C library's major() and minor() take a device number apart.
    device: { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) },
    uid,
    gid,
    mtime: Math.max(0, Math.floor(stat.mtimeMs / 1000)),
    ...(hardLink !== undefined && { hardLink }),
  };
}

function contents(file: string, stat: Stats): Uint8Array {
  if (stat.isFile()) return readFileSync(file);
  return stat.isSymbolicLink() ? readlinkSync(file, { encoding: 'buffer' }) : noData;
}
