// SPDX-License-Identifier: MIT
/**
 * Reads tar archives: ustar, with GNU's and POSIX's (pax) long names, owners and times. Called for roots that are such archives.
 *
 * Source: POSIX, pax(1), "ustar Interchange Format" and "pax Header Block"; GNU tar's manual, "Basic Tar Format". Written here
 * since the tar packages of npm unpack to a disk or as a stream; what a root needs is this one function over bytes.
 *
 *     offset  bytes  content of a header, which fills a block of 512; the data follow in whole blocks
 *          0    100  name                157    100  target of a link
 *        100      8  permissions         257      6  "ustar"
 *        108      8  uid                 329      8  major number of a device
 *        116      8  gid                 337      8  minor number
 *        124     12  bytes of data       345    155  what goes before the name and a slash
 *        136     12  mtime
 *        148      8  sum of all bytes, these counted as spaces
 *        156      1  type
 */
import { ArchiveError } from './archive-error.ts';
import { type CpioEntry, FileType } from './cpio.ts';

const BLOCK = 512;
const ascii = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8', { fatal: true });
const noData = new Uint8Array(0);

/** Types of entries that are files. */
const FILE_TYPES: ReadonlyMap<string, number> = new Map([
  ['0', FileType.Regular],
  ['\0', FileType.Regular],
  ['7', FileType.Regular],
  ['2', FileType.SymbolicLink],
  ['3', FileType.CharacterDevice],
  ['4', FileType.BlockDevice],
  ['5', FileType.Directory],
  ['6', FileType.Fifo],
]);

export function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= BLOCK && bytes[0] !== 0 && hasRightSum(bytes.subarray(0, BLOCK));
}

/** The entries, their data as parts of `archive`. Throws ArchiveError. */
export function readTar(archive: Uint8Array): CpioEntry[] {
  const entries: CpioEntry[] = [];
  /** Attributes for all entries that follow, and for the next one, by their pax names. */
  const general = new Map<string, string>();
  let next = new Map<string, string>();
  for (let at = 0; at < archive.length && archive[at] !== 0; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.length < BLOCK) throw new ArchiveError('it is cut off');
    if (!hasRightSum(header)) throw new ArchiveError(`it is damaged: there is no tar header at byte ${at}`);
    const type = String.fromCharCode(header[156] ?? 0);
    const attribute = (key: string): string | undefined => next.get(key) ?? general.get(key);
    const isExtension = 'xgLK'.includes(type);
    const size = Number((isExtension ? undefined : attribute('size')) ?? number(header, 124, 12));
    const begin = at + BLOCK;
    const data = archive.subarray(begin, begin + size);
    if (data.length < size) throw new ArchiveError('it is cut off');
    at = begin + Math.ceil(size / BLOCK) * BLOCK;

    if (type === 'x') readAttributes(data, next);
    else if (type === 'g') readAttributes(data, general);
    else if (type === 'L') next.set('path', string(data));
    else if (type === 'K') next.set('linkpath', string(data));
    if (isExtension) continue;

    const path = attribute('path') ?? ownPath(header);
    const target = attribute('linkpath') ?? string(header.subarray(157, 257));
    const attributes = {
      uid: Number(attribute('uid') ?? number(header, 108, 8)),
      gid: Number(attribute('gid') ?? number(header, 116, 8)),
      mtime: Math.max(0, Math.floor(Number(attribute('mtime') ?? number(header, 136, 12)))),
      device: { major: number(header, 329, 8), minor: number(header, 337, 8) },
    };
    if (type === '1') {
      link(entries, path, target);
    } else {
      const fileType = FILE_TYPES.get(type);
      if (fileType === undefined || [...next.keys()].some((key) => key.startsWith('GNU.sparse'))) {
        throw new ArchiveError(`${path} in it is of a kind that is not understood (type ${type})`);
      }
      const mode = fileType | (number(header, 100, 8) & 0o7777);
      const contents = fileType === FileType.SymbolicLink ? new TextEncoder().encode(target) : data;
      entries.push({ path, mode, data: fileType === FileType.Directory ? noData : contents, ...attributes });
    }
    next = new Map();
  }
  return entries;
}

/** One more name of a file that came before: both become entries with the same key. */
function link(entries: CpioEntry[], path: string, target: string): void {
  const index = entries.findLastIndex((entry) => samePath(entry.path, target));
  const original = entries[index];
  if (!original) throw new ArchiveError(`${path} in it is a link to ${target}, which it does not have`);
  const hardLink = original.hardLink ?? original.path;
  entries[index] = { ...original, hardLink };
  entries.push({ ...original, hardLink, path, data: noData });
}

const samePath = (a: string, b: string): boolean => a.replace(/^(\.?\/)+/, '') === b.replace(/^(\.?\/)+/, '');

/** The records of a pax header: "LENGTH KEY=VALUE\n", where the length counts the whole record. */
function readAttributes(data: Uint8Array, into: Map<string, string>): void {
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const length = Number(ascii.decode(data.subarray(at, space)));
    const equals = data.indexOf(0x3d, space);
    if (!(length > 0) || space < 0 || equals < 0)
      throw new ArchiveError('it is damaged: a pax header is not understood');
    into.set(ascii.decode(data.subarray(space + 1, equals)), text(data.subarray(equals + 1, at + length - 1)));
    at += length;
  }
}

function ownPath(header: Uint8Array): string {
  const name = string(header.subarray(0, 100));
  const isPosix = ascii.decode(header.subarray(257, 263)) === 'ustar\0';
  const prefix = isPosix ? string(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Up to the first NUL. */
function string(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return text(end < 0 ? bytes : bytes.subarray(0, end));
}

function text(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ArchiveError(`the name ${JSON.stringify(ascii.decode(bytes))} in it is not UTF-8`);
  }
}

/** Octal digits, or big-endian binary when the first bit is set. */
function number(header: Uint8Array, offset: number, length: number): number {
  const field = header.subarray(offset, offset + length);
  const first = field[0] ?? 0;
  if (first & 0x80) return field.subarray(1).reduce((value, byte) => value * 256 + byte, first & 0x7f);
  return Number.parseInt(ascii.decode(field).replace(/[\0 ]+$/, ''), 8) || 0;
}

function hasRightSum(header: Uint8Array): boolean {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  return sum === number(header, 148, 8);
}
