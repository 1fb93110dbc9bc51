// SPDX-License-Identifier: MIT
/** The file calls of Linux on one host task, each with its arguments put and its error thrown. Used by the other file-*.ts. */
import { BufferWriter } from './arguments.ts';
import { checked } from './descriptors.ts';
import { AtFlag, FileErrno, OpenFlag } from './file-flags.ts';
import { type FileStat, type NamedEntry, readEntries, readStatx, STATX_BYTES } from './file-structures.ts';
import { type HostTask, isError } from './host-task.ts';
import { LinuxError } from './linux-error.ts';
import { Syscall } from './syscall-numbers.ts';

/** A path: text, or its bytes, since those of Linux need not be text. What is relative begins at the pool's folder, `/`. */
export type Path = string | Uint8Array;
/** A path, or a descriptor of the pool's process. */
export type Target = Path | number;

/** With the NUL at its end. */
const PATH_MAX = 4096;
/** STATX_BASIC_STATS | STATX_BTIME */
const STATX_MASK = 0xfff;
const { AT_FDCWD, AT_SYMLINK_NOFOLLOW, AT_REMOVEDIR, AT_EMPTY_PATH } = AtFlag;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function textOfPath(path: Path): string {
  return typeof path === 'string' ? path : decoder.decode(path);
}

export function bytesOfPath(path: Path): Uint8Array {
  return typeof path === 'string' ? encoder.encode(path) : path;
}

/** `name` in `folder`. */
export function inFolder(folder: Path, name: Uint8Array): Uint8Array {
  const prefix = bytesOfPath(folder);
  const path = new Uint8Array(prefix.length + 1 + name.length);
  path.set(prefix);
  path[prefix.length] = 0x2f;
  path.set(name, prefix.length + 1);
  return path;
}

/** The path's address. Throws TypeError for a NUL in it, and ENAMETOOLONG before the buffer is too small. */
function put(writer: BufferWriter, path: Path, syscall: string): number {
  const bytes = typeof path === 'string' ? encoder.encode(`${path}\0`) : Uint8Array.of(...path, 0);
  if (bytes.indexOf(0) < bytes.length - 1) {
    throw new TypeError(`${JSON.stringify(textOfPath(path))} has a NUL in it, which no path can have`);
  }
  if (bytes.length > PATH_MAX) throw new LinuxError(FileErrno.ENAMETOOLONG, syscall, textOfPath(path).slice(0, 64));
  return writer.bytes(bytes);
}

/** What callers know the calls by; those with a name of their own in errors. */
const NAMES: Partial<Record<keyof typeof Syscall, string>> = {
  openat: 'open',
  mkdirat: 'mkdir',
  renameat2: 'rename',
  linkat: 'link',
  symlinkat: 'symlink',
  readlinkat: 'readlink',
  faccessat: 'access',
  fchmodat: 'chmod',
  fchownat: 'chown',
};

/** A call whose second argument is a path, behind the folder that it begins at. */
async function onPath(
  task: HostTask,
  syscall: keyof typeof Syscall,
  folder: number,
  path: Path,
  ...more: readonly number[]
): Promise<number> {
  const name = NAMES[syscall] ?? syscall;
  const address = put(new BufferWriter(task), path, name);
  const result = await task.call(Syscall[syscall], folder, address, ...more);
  if (isError(result)) throw new LinuxError(-result, name, textOfPath(path));
  return result;
}

/** A call with two paths. */
async function onPaths(
  task: HostTask,
  syscall: keyof typeof Syscall,
  from: Path,
  to: Path,
  call: (from: number, to: number) => readonly number[],
): Promise<void> {
  const name = NAMES[syscall] ?? syscall;
  const writer = new BufferWriter(task);
  const args = call(put(writer, from, name), put(writer, to, name));
  const result = await task.call(Syscall[syscall], ...args);
  if (isError(result)) throw new LinuxError(-result, name, textOfPath(from), textOfPath(to));
}

/** A number of 64 bits as two arguments. */
function words(value: number): [number, number] {
  return [value | 0, Math.floor(value / 2 ** 32)];
}

/** A descriptor that programs do not get. */
export function open(task: HostTask, path: Path, flags: number, mode = 0, folder: number = AT_FDCWD): Promise<number> {
  return onPath(task, 'openat', folder, path, flags | OpenFlag.O_CLOEXEC | OpenFlag.O_LARGEFILE, mode);
}

export async function close(task: HostTask, descriptor: number): Promise<void> {
  await task.call(Syscall.close, descriptor);
}

/** Opens a path for as long as `use` takes; a descriptor stays as it is. */
export async function withDescriptor<T>(
  task: HostTask,
  target: Target,
  flags: number,
  use: (descriptor: number) => Promise<T>,
  mode = 0,
): Promise<T> {
  if (typeof target === 'number') return use(target);
  const descriptor = await open(task, target, flags, mode);
  try {
    return await use(descriptor);
  } finally {
    await close(task, descriptor);
  }
}

/** Reads into the task's buffer, `length` bytes of it at most; where, or without a position where the last call ended. */
export function read(task: HostTask, descriptor: number, length: number, position?: number): Promise<number> {
  if (position === undefined) return checked('read', task.call(Syscall.read, descriptor, task.buffer, length));
  return checked('read', task.call(Syscall.pread64, descriptor, task.buffer, length, ...words(position)));
}

/** Writes what lies in the task's memory; how many bytes were taken. */
export function writeFrom(task: HostTask, descriptor: number, address: number, length: number): Promise<number> {
  return checked('write', task.call(Syscall.write, descriptor, address, length));
}

/** Writes bytes, at most as many as the buffer holds; how many were taken. */
export function write(task: HostTask, descriptor: number, bytes: Uint8Array, position?: number): Promise<number> {
  const { buffer } = task;
  task.bytes.set(bytes, buffer);
  if (position === undefined) return writeFrom(task, descriptor, buffer, bytes.length);
  return checked('write', task.call(Syscall.pwrite64, descriptor, buffer, bytes.length, ...words(position)));
}

/** follow: whether the last name of a path may be a symbolic link to what is meant. */
export async function stat(task: HostTask, target: Target, follow: boolean): Promise<FileStat> {
  const isOpen = typeof target === 'number';
  const writer = new BufferWriter(task);
  const result = writer.reserve(STATX_BYTES);
  const path = put(writer, isOpen ? '' : target, 'stat');
  const flags = isOpen ? AT_EMPTY_PATH : follow ? 0 : AT_SYMLINK_NOFOLLOW;
  const call = task.call(Syscall.statx, isOpen ? target : AT_FDCWD, path, flags, STATX_MASK, result);
  await checked('stat', call, isOpen ? undefined : textOfPath(target));
  return readStatx(task.bytes.subarray(result, result + STATX_BYTES));
}

/** What is in an open folder, all of it. */
export async function entries(task: HostTask, descriptor: number): Promise<NamedEntry[]> {
  const all: NamedEntry[] = [];
  for (;;) {
    const call = task.call(Syscall.getdents64, descriptor, task.buffer, task.bufferBytes);
    const length = await checked('getdents64', call);
    if (length === 0) return all;
    for (const entry of readEntries(task.bytes.subarray(task.buffer, task.buffer + length))) all.push(entry);
  }
}

export async function makeFolder(task: HostTask, path: Path, mode: number): Promise<void> {
  await onPath(task, 'mkdirat', AT_FDCWD, path, mode);
}

/** Takes a name away that is no folder's. */
export async function unlink(task: HostTask, path: Path, folder: number = AT_FDCWD): Promise<void> {
  await remove(task, 'unlink', path, folder, 0);
}

export async function removeFolder(task: HostTask, path: Path, folder: number = AT_FDCWD): Promise<void> {
  await remove(task, 'rmdir', path, folder, AT_REMOVEDIR);
}

async function remove(task: HostTask, name: string, path: Path, folder: number, flags: number): Promise<void> {
  const address = put(new BufferWriter(task), path, name);
  await checked(name, task.call(Syscall.unlinkat, folder, address, flags), textOfPath(path));
}

export async function rename(task: HostTask, from: Path, to: Path): Promise<void> {
  await onPaths(task, 'renameat2', from, to, (old, made) => [AT_FDCWD, old, AT_FDCWD, made, 0]);
}

export async function link(task: HostTask, from: Path, to: Path): Promise<void> {
  await onPaths(task, 'linkat', from, to, (old, made) => [AT_FDCWD, old, AT_FDCWD, made, 0]);
}

export async function symlink(task: HostTask, text: Path, path: Path): Promise<void> {
  await onPaths(task, 'symlinkat', text, path, (content, made) => [content, AT_FDCWD, made]);
}

/** The bytes of a symbolic link. */
export async function readLink(task: HostTask, path: Path): Promise<Uint8Array<ArrayBuffer>> {
  // Behind the path, which has PATH_MAX bytes at most.
  const target = task.buffer + PATH_MAX;
  const length = await onPath(task, 'readlinkat', AT_FDCWD, path, target, PATH_MAX);
  return new Uint8Array(task.bytes.subarray(target, target + length));
}

export async function access(task: HostTask, path: Path, mode: number): Promise<void> {
  await onPath(task, 'faccessat', AT_FDCWD, path, mode);
}

export async function changeMode(task: HostTask, target: Target, mode: number): Promise<void> {
  if (typeof target === 'number') await checked('fchmod', task.call(Syscall.fchmod, target, mode));
  else await onPath(task, 'fchmodat', AT_FDCWD, target, mode);
}

export async function changeOwner(
  task: HostTask,
  target: Target,
  uid: number,
  gid: number,
  follow: boolean,
): Promise<void> {
  if (typeof target === 'number') await checked('fchown', task.call(Syscall.fchown, target, uid, gid));
  else await onPath(task, 'fchownat', AT_FDCWD, target, uid, gid, follow ? 0 : AT_SYMLINK_NOFOLLOW);
}

/** Milliseconds since 1970. */
export async function changeTimes(
  task: HostTask,
  target: Target,
  accessed: number,
  modified: number,
  follow: boolean,
): Promise<void> {
  const writer = new BufferWriter(task);
  const times = writer.words([accessed, modified].flatMap(timespec));
  const isOpen = typeof target === 'number';
  const path = isOpen ? 0 : put(writer, target, 'utimes');
  const flags = follow || isOpen ? 0 : AT_SYMLINK_NOFOLLOW;
  const call = task.call(Syscall.utimensat_time64, isOpen ? target : AT_FDCWD, path, times, flags);
  await checked('utimes', call, isOpen ? undefined : textOfPath(target));
}

/** struct timespec: seconds of 64 bits, nanoseconds, 4 bytes. */
function timespec(milliseconds: number): number[] {
  const seconds = Math.floor(milliseconds / 1000);
  return [...words(seconds), Math.min(999_999_999, Math.round((milliseconds - seconds * 1000) * 1_000_000)), 0];
}

export async function truncate(task: HostTask, descriptor: number, length: number): Promise<void> {
  await checked('ftruncate', task.call(Syscall.ftruncate64, descriptor, ...words(length)));
}

/** Puts an open file on its disk; with `dataOnly` not its times. */
export async function sync(task: HostTask, descriptor: number, dataOnly: boolean): Promise<void> {
  const name = dataOnly ? 'fdatasync' : 'fsync';
  await checked(name, task.call(Syscall[name], descriptor));
}
