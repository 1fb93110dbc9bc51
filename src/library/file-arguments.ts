// SPDX-License-Identifier: MIT
/** What callers of the library's fs may give for paths, flags, modes, data and times, as Linux has it. Used by files.ts and file-handle.ts. */
import type { RemoteCaller } from '../host/worker/remote.ts';
import { OpenFlag } from '../task/file-flags.ts';
import type { MachineService } from '../task/service.ts';
import { type Encoding, encode } from './encoding.ts';

/** Calls methods of GuestFiles, and closes descriptors, on the machine's thread. */
export type FileCaller = Pick<RemoteCaller<MachineService>, 'call'>;

/** A path in the machine: text, its bytes, or a `file:` URL. A relative one begins at `/`. */
export type LinuxPath = string | Uint8Array | URL;
/** As `open` takes it: 'r', 'w+', 'ax' and so on, or numbers of `constants`. */
export type OpenFlags = string | number;
/** Permissions: a number, or octal digits. */
export type Mode = number | string;
/** Seconds since 1970, a number in digits, or a date. */
export type Time = number | string | Date;
export type FileData = string | ArrayBufferView;

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = OpenFlag;
const FLAGS: Readonly<Record<string, number>> = {
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC,
  'r+': O_RDWR,
  'rs+': O_RDWR | O_SYNC,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  wx: O_WRONLY | O_CREAT | O_TRUNC | O_EXCL,
  'w+': O_RDWR | O_CREAT | O_TRUNC,
  'wx+': O_RDWR | O_CREAT | O_TRUNC | O_EXCL,
  a: O_WRONLY | O_CREAT | O_APPEND,
  ax: O_WRONLY | O_CREAT | O_APPEND | O_EXCL,
  as: O_WRONLY | O_CREAT | O_APPEND | O_SYNC,
  'a+': O_RDWR | O_CREAT | O_APPEND,
  'ax+': O_RDWR | O_CREAT | O_APPEND | O_EXCL,
  'as+': O_RDWR | O_CREAT | O_APPEND | O_SYNC,
};

export function pathOf(path: LinuxPath): string | Uint8Array {
  if (!(path instanceof URL)) return path;
  if (path.protocol !== 'file:') throw new TypeError(`${path.href} is not a file: URL`);
  return decodeURIComponent(path.pathname);
}

export function flagsOf(flags: OpenFlags): number {
  const number = typeof flags === 'number' ? flags : FLAGS[flags];
  if (number === undefined)
    throw new TypeError(`there is no flag "${flags}"; there are ${Object.keys(FLAGS).join(', ')}`);
  return number;
}

export function modeOf(mode: Mode): number {
  const number = typeof mode === 'number' ? mode : /^[0-7]+$/.test(mode) ? Number.parseInt(mode, 8) : Number.NaN;
  if (!(number >= 0 && number <= 0o7777)) throw new TypeError(`${mode} are no permissions; they are a number as 0o644`);
  return number;
}

/** Milliseconds since 1970. */
export function timeOf(time: Time): number {
  const milliseconds = time instanceof Date ? time.getTime() : Number(time) * 1000;
  if (!Number.isFinite(milliseconds)) throw new TypeError(`${String(time)} is no time`);
  return milliseconds;
}

export function dataOf(data: FileData, encoding?: Encoding): Uint8Array {
  if (typeof data === 'string') return encode(data, encoding);
  if (!ArrayBuffer.isView(data)) throw new TypeError('what is written must be a string or bytes');
  return data instanceof Uint8Array ? data : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** null: where the file stands. */
export function positionOf(position: number | bigint | null | undefined): number | null {
  if (position === null || position === undefined) return null;
  const number = Number(position);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${position} is no position in a file`);
  return number < 0 ? null : number;
}
