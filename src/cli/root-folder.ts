// SPDX-License-Identifier: MIT
/** Reads a folder of the host as entries of an archive: names, types, modes, owners, times, hard links. Called by root.ts. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { ArchiveError } from '../image/archive-error.ts';
import { type CpioEntry, FileType } from '../image/cpio.ts';
import { reasonOf } from './host-error.ts';

const noData = new Uint8Array(0);
/** What a name that is not UTF-8 is read as. */
const REPLACEMENT = '\ufffd';

/** A folder comes before what lies in it. Throws ArchiveError when something in it can't be read. */
export function readFolder(folder: string): CpioEntry[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const linked = new Set<string>();
  return ['.', ...names].map((name) => {
    if (name.includes(REPLACEMENT)) throw new ArchiveError(`the name ${name} in it is not UTF-8`);
    try {
      return entryOf(folder, name, linked);
    } catch (error) {
      throw new ArchiveError(`${name} in it can't be read: ${reasonOf(error)}`);
    }
  });
}

/** `linked` has the hard links whose contents an earlier entry has. */
function entryOf(folder: string, path: string, linked: Set<string>): CpioEntry {
  const file = join(folder, path);
  const stat = lstatSync(file);
  const { mode, uid, gid, dev, ino, rdev } = stat;
  const hardLink = stat.nlink > 1 && !stat.isDirectory() ? `${dev}:${ino}` : undefined;
  const data = hardLink !== undefined && linked.has(hardLink) ? noData : contents(file, stat);
  if (hardLink !== undefined) linked.add(hardLink);
  return {
    path,
    mode: mode & (FileType.Mask | 0o7777),
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
