// SPDX-License-Identifier: MIT
/** Reads a newc archive back, for tests: written from the format alone, sharing nothing with the writer (cpio.ts). */

export interface ReadEntry {
  readonly path: string;
  readonly inode: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly device: readonly [major: number, minor: number];
  readonly data: Uint8Array;
}

/** The entries of one or of several concatenated archives. Throws when the bytes are not such. */
export function readCpio(archive: Uint8Array): ReadEntry[] {
  const entries: ReadEntry[] = [];
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let at = 0;
  while (at < archive.length) {
    const header = decoder.decode(archive.subarray(at, at + 110));
    const match = /^070701((?:[0-9a-f]{8}){13})$/.exec(header);
    if (match?.[1] === undefined) throw new Error(`no entry at ${at}: ${header}`);
    const number = (index: number): number => Number.parseInt(header.slice(6 + 8 * index, 14 + 8 * index), 16);
    const nameEnd = at + 110 + number(11);
    if (archive[nameEnd - 1] !== 0) throw new Error(`the name at ${at} does not end in NUL`);
    const path = decoder.decode(archive.subarray(at + 110, nameEnd - 1));
    const begin = (nameEnd + 3) & ~3;
    const data = archive.slice(begin, begin + number(6));
    at = (begin + number(6) + 3) & ~3;
    if (path === 'TRAILER!!!') continue;
    entries.push({
      path,
      inode: number(0),
      mode: number(1),
      uid: number(2),
      gid: number(3),
      mtime: number(5),
      device: [number(9), number(10)],
      data,
    });
  }
  if (at !== archive.length) throw new Error('the archive is cut off');
  return entries;
}
