// SPDX-License-Identifier: MIT
/**
 * Reads cpio archives in the "newc" format (cpio.ts), one or several after one another as the kernel accepts them in an
 * initramfs. Called for roots that are such archives.
 */
import { aligned, type CpioEntry, headerSize, TRAILER } from './cpio.ts';
import { ArchiveError } from './archive-error.ts';

const MAGIC = /^07070[12]$/;
const ascii = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8', { fatal: true });

export function isCpio(bytes: Uint8Array): boolean {
  return MAGIC.test(ascii.decode(bytes.subarray(0, 6)));
}

/** The entries, their data as parts of `archive`. Throws ArchiveError. */
export function readCpio(archive: Uint8Array): CpioEntry[] {
  const entries: CpioEntry[] = [];
  for (let at = 0, part = 0; at < archive.length; ) {
    if (archive[at] === 0) {
      at++; // padding between archives
      continue;
    }
    const header = ascii.decode(archive.subarray(at, at + headerSize));
    if (header.length < headerSize || !MAGIC.test(header.slice(0, 6)) || !/^[0-9a-f]+$/i.test(header)) {
      throw new ArchiveError(`it is damaged: there is no cpio entry at byte ${at}`);
    }
    const number = (index: number): number => Number.parseInt(header.slice(6 + 8 * index, 14 + 8 * index), 16);
    const nameEnd = at + headerSize + number(11);
    const begin = aligned(nameEnd);
    const end = begin + number(6);
    if (end > archive.length) throw new ArchiveError('it is cut off');
    const path = name(archive.subarray(at + headerSize, nameEnd - 1));
    at = aligned(end);
    if (path === TRAILER) {
      // Inode numbers mean something within one archive only.
      part++;
      continue;
    }
    entries.push({
      path,
      mode: number(1),
      uid: number(2),
      gid: number(3),
      mtime: number(5),
      data: archive.subarray(begin, end),
      device: { major: number(9), minor: number(10) },
      ...(number(4) > 1 && { hardLink: `${part}:${number(7)}:${number(8)}:${number(0)}` }),
    });
  }
  return entries;
}

function name(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ArchiveError(`the name ${JSON.stringify(ascii.decode(bytes))} in it is not UTF-8`);
  }
}
