// SPDX-License-Identifier: MIT
/**
 * The guest's files, for the library: each method is one request, made of as many system calls as it takes. Paths are absolute, or
 * begin at /; arguments and results are plain data. All throw LinuxError.
 */
import { BufferWriter } from './arguments.ts';
import { AT_FDCWD, checked, O_CLOEXEC, O_NONBLOCK, writeAll } from './descriptors.ts';
import {
  type DirectoryEntry,
  type FileEvent,
  type FileStatus,
  type FileSystemStatus,
  FileType,
  readEntries,
  readEvents,
  readFileSystemStatus,
  readStatus,
  STATFS_BYTES,
  STATX_BYTES,
} from './file-status.ts';
import type { HostTask } from './host-task.ts';
import { LinuxError } from './linux-error.ts';
import type { Streams } from './streams.ts';
import { Syscall } from './syscall-numbers.ts';
import type { TaskPool } from './task-pool.ts';

export const Open = {
  Read: 0,
  Write: 1,
  ReadWrite: 2,
  Create: 0o100,
  Exclusive: 0o200,
  Truncate: 0o1000,
  Append: 0o2000,
  Directory: 0o200000,
} as const;

const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_REMOVEDIR = 0x200;
const AT_EMPTY_PATH = 0x1000;
/** STATX_BASIC_STATS and STATX_BTIME. */
const STATX_ALL = 0xfff;
const TYPE_SHIFT = 12;
const EEXIST = 17;
const ENOENT = 2;
const ENOTDIR = 20;
const EISDIR = 21;
const EINVAL = 22;
/** IN_MODIFY, ATTRIB, MOVED_FROM, MOVED_TO, CREATE, DELETE, DELETE_SELF, MOVE_SELF. */
const WATCHED = 0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800;

/** An entry below the folder that was read, by its path from there. */
export interface FoundEntry extends DirectoryEntry {
  readonly parent: string;
}

export class GuestFiles {
  readonly #pool: TaskPool;
  readonly #streams: Streams;

  constructor(pool: TaskPool, streams: Streams) {
    this.#pool = pool;
    this.#streams = streams;
  }

  /** All of a file; also of those in /proc, whose size is not known before. */
  readFile(path: string, flags: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return this.#withFile(path, flags, 0, (task, file) => readAll(task, file, path), signal);
  }

  writeFile(path: string, bytes: Uint8Array, flags: number, mode: number, signal?: AbortSignal): Promise<void> {
    return this.#withFile(path, flags, mode, (task, file) => writeAll(task, file, bytes), signal);
  }

  /** A descriptor of the pool's process. */
  open(path: string, flags: number, mode: number): Promise<number> {
    return this.#pool.use((task) => open(task, path, flags, mode));
  }

  /** At most `length` bytes, from `position` or, if that is null, from where the descriptor stands. */
  readAt(file: number, length: number, position: number | null): Promise<Uint8Array<ArrayBuffer>> {
    return this.#pool.use(async (task) => {
      const into = new Uint8Array(length);
      let read = 0;
      while (read < length) {
        const most = Math.min(length - read, task.bufferBytes);
        const at = position === null ? null : position + read;
        const count = await checked(
          'read',
          at === null
            ? task.call(Syscall.read, file, task.buffer, most)
            : task.call(Syscall.pread64, file, task.buffer, most, ...words64(at)),
        );
        into.set(task.bytes.subarray(task.buffer, task.buffer + count), read);
        read += count;
        if (count < most) break;
      }
      return read === length ? into : into.slice(0, read);
    });
  }

  writeAt(file: number, bytes: Uint8Array, position: number | null): Promise<void> {
    return this.#pool.use(async (task) => {
      if (position === null) {
        await writeAll(task, file, bytes);
        return;
      }
      for (let at = 0; at < bytes.length; ) {
        const part = bytes.subarray(at, at + task.bufferBytes);
        task.bytes.set(part, task.buffer);
        at += await checked(
          'pwrite64',
          task.call(Syscall.pwrite64, file, task.buffer, part.length, ...words64(position + at)),
        );
      }
    });
  }

  statFile(file: number): Promise<FileStatus> {
    return this.#pool.use((task) => status(task, file, '', AT_EMPTY_PATH));
  }

  async truncateFile(file: number, length: number): Promise<void> {
    await this.#pool.use((task) => checked('ftruncate', task.call(Syscall.ftruncate64, file, ...words64(length))));
  }

  async syncFile(file: number, dataOnly: boolean): Promise<void> {
    await this.#pool.use((task) => checked('fsync', task.call(dataOnly ? Syscall.fdatasync : Syscall.fsync, file)));
  }

  async chmodFile(file: number, mode: number): Promise<void> {
    await this.#pool.use((task) => checked('fchmod', task.call(Syscall.fchmod, file, mode)));
  }

  stat(path: string): Promise<FileStatus> {
    return this.#pool.use((task) => status(task, AT_FDCWD, path, 0));
  }

  lstat(path: string): Promise<FileStatus> {
    return this.#pool.use((task) => status(task, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW));
  }

  /** What is in a folder, in the folder's order; with `recursive` also what is in those in it. Links are not followed. */
  readdir(path: string, recursive: boolean): Promise<FoundEntry[]> {
    return this.#pool.use(async (task) => {
      const found: FoundEntry[] = [];
      for (const folders = ['']; folders.length > 0; ) {
        const parent = folders.shift() ?? '';
        for (const entry of await entries(task, parent === '' ? path : `${path}/${parent}`)) {
          found.push({ ...entry, parent });
          if (recursive && entry.type === FileType.Directory) folders.push(below(parent, entry.name));
        }
      }
      return found;
    });
  }

  /** With `recursive` also the folders above it, and none of them need be new; the first one that was made, if any. */
  mkdir(path: string, recursive: boolean, mode: number): Promise<string | undefined> {
    return this.#pool.use(async (task) => {
      if (!recursive) {
        await onPath(task, 'mkdirat', path, (address) => task.call(Syscall.mkdirat, AT_FDCWD, address, mode));
        return undefined;
      }
      return makeFolders(task, path, mode);
    });
  }

  async unlink(path: string): Promise<void> {
    await this.#pool.use((task) => unlink(task, path, 0));
  }

  async rmdir(path: string): Promise<void> {
    await this.#pool.use((task) => unlink(task, path, AT_REMOVEDIR));
  }

  /** force: also when there is nothing. */
  rm(path: string, recursive: boolean, force: boolean): Promise<void> {
    return this.#pool.use(async (task) => {
      try {
        await remove(task, path, recursive);
      } catch (error) {
        if (!(force && isErrno(error, ENOENT))) throw error;
      }
    });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#onPaths('renameat2', from, to, (task, a, b) =>
      task.call(Syscall.renameat2, AT_FDCWD, a, AT_FDCWD, b, 0),
    );
  }

  async link(existing: string, path: string): Promise<void> {
    await this.#onPaths('linkat', existing, path, (task, a, b) =>
      task.call(Syscall.linkat, AT_FDCWD, a, AT_FDCWD, b, 0),
    );
  }

  async symlink(target: string, path: string): Promise<void> {
    await this.#onPaths('symlinkat', target, path, (task, a, b) => task.call(Syscall.symlinkat, a, AT_FDCWD, b));
  }

  readlink(path: string): Promise<string> {
    return this.#pool.use((task) => readlink(task, path));
  }

  realpath(path: string): Promise<string> {
    return this.#pool.use(async (task) => {
      // The kernel knows best: it says what the descriptor is of.
      const O_PATH = 0o10000000;
      const file = await open(task, path, O_PATH, 0);
      try {
        return await readlink(task, `/proc/self/fd/${file}`);
      } finally {
        await task.call(Syscall.close, file);
      }
    });
  }

  async chmod(path: string, mode: number): Promise<void> {
    await this.#pool.use((task) =>
      onPath(task, 'fchmodat', path, (address) => task.call(Syscall.fchmodat, AT_FDCWD, address, mode)),
    );
  }

  async chown(path: string, uid: number, gid: number, follow: boolean): Promise<void> {
    await this.#pool.use((task) =>
      onPath(task, 'fchownat', path, (address) =>
        task.call(Syscall.fchownat, AT_FDCWD, address, uid, gid, follow ? 0 : AT_SYMLINK_NOFOLLOW),
      ),
    );
  }

  /** Times in milliseconds since 1970. */
  async utimes(path: string, atimeMs: number, mtimeMs: number, follow: boolean): Promise<void> {
    await this.#pool.use(async (task) => {
      const writer = new BufferWriter(task);
      const name = writer.string(path);
      const times = writer.words([...timespec(atimeMs), ...timespec(mtimeMs)]);
      const flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
      await checked('utimensat', task.call(Syscall.utimensat_time64, AT_FDCWD, name, times, flags), path);
    });
  }

  async truncate(path: string, length: number): Promise<void> {
    await this.#pool.use((task) =>
      onPath(task, 'truncate', path, (address) => task.call(Syscall.truncate64, address, ...words64(length))),
    );
  }

  async access(path: string, mode: number): Promise<void> {
    await this.#pool.use((task) =>
      onPath(task, 'faccessat', path, (address) => task.call(Syscall.faccessat, AT_FDCWD, address, mode)),
    );
  }

  /** A file's contents and permissions. */
  copyFile(from: string, to: string, exclusive: boolean): Promise<void> {
    return this.#pool.use((task) => copyFile(task, from, to, exclusive));
  }

  /** A tree: files, folders and links, with permissions; what is there already is written over. */
  copyTree(from: string, to: string): Promise<void> {
    return this.#pool.use((task) => copyTree(task, from, to));
  }

  /** Makes a folder whose name begins so and has six letters more that no other has. */
  mkdtemp(prefix: string): Promise<string> {
    return this.#pool.use(async (task) => {
      for (;;) {
        const letters = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => LETTERS[byte % LETTERS.length]);
        const path = prefix + letters.join('');
        try {
          await onPath(task, 'mkdirat', path, (address) => task.call(Syscall.mkdirat, AT_FDCWD, address, 0o700));
          return path;
        } catch (error) {
          if (!isErrno(error, EEXIST)) throw error;
        }
      }
    });
  }

  statfs(path: string): Promise<FileSystemStatus> {
    return this.#pool.use(async (task) => {
      const writer = new BufferWriter(task);
      const name = writer.string(path);
      const into = writer.reserve(STATFS_BYTES);
      await checked('statfs', task.call(Syscall.statfs64, name, STATFS_BYTES, into), path);
      return readFileSystemStatus(task.bytes.slice(into, into + STATFS_BYTES));
    });
  }

  /** A descriptor that tells what happens to a file, or to what is in a folder: by `watched`. */
  watch(path: string): Promise<number> {
    return this.#pool.use(async (task) => {
      const watch = await checked('inotify_init1', task.call(Syscall.inotify_init1, O_CLOEXEC | O_NONBLOCK));
      try {
        await onPath(task, 'inotify_add_watch', path, (address) =>
          task.call(Syscall.inotify_add_watch, watch, address, WATCHED),
        );
        return watch;
      } catch (error) {
        await task.call(Syscall.close, watch);
        throw error;
      }
    });
  }

  /** What has happened since the last time; waits until something has. */
  async watched(watch: number, signal?: AbortSignal): Promise<FileEvent[]> {
    return readEvents(await this.#streams.read(watch, signal));
  }

  #withFile<T>(
    path: string,
    flags: number,
    mode: number,
    use: (task: HostTask, file: number) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return this.#pool.use((task) => withFile(task, path, flags, mode, (file) => use(task, file)), signal);
  }

  #onPaths(name: string, from: string, to: string, make: (task: HostTask, a: number, b: number) => Promise<number>) {
    return this.#pool.use((task) => {
      const writer = new BufferWriter(task);
      return checked(name, make(task, writer.string(from), writer.string(to)), from);
    });
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

function isErrno(error: unknown, errno: number): boolean {
  return error instanceof LinuxError && error.errno === errno;
}

/** The two words of a number of 64 bits. */
function words64(value: number): [number, number] {
  return [value >>> 0, Math.floor(value / 2 ** 32)];
}

/** struct timespec64, as words. */
function timespec(milliseconds: number): number[] {
  const seconds = Math.floor(milliseconds / 1000);
  return [...words64(seconds), Math.round((milliseconds - seconds * 1000) * 1e6), 0];
}

function below(parent: string, name: string): string {
  return parent === '' ? name : `${parent}/${name}`;
}

/** A call with the address of a path. */
function onPath(
  task: HostTask,
  name: string,
  path: string,
  call: (address: number) => Promise<number>,
): Promise<number> {
  return checked(name, call(new BufferWriter(task).string(path)), path);
}

function open(task: HostTask, path: string, flags: number, mode: number): Promise<number> {
  return onPath(task, 'open', path, (address) => task.call(Syscall.openat, AT_FDCWD, address, flags | O_CLOEXEC, mode));
}

async function withFile<T>(
  task: HostTask,
  path: string,
  flags: number,
  mode: number,
  use: (file: number) => Promise<T>,
): Promise<T> {
  const file = await open(task, path, flags, mode);
  try {
    return await use(file);
  } catch (error) {
    throw error instanceof LinuxError && error.path === undefined
      ? new LinuxError(error.errno, error.syscall, path)
      : error;
  } finally {
    await task.call(Syscall.close, file);
  }
}

async function status(task: HostTask, folder: number, path: string, flags: number): Promise<FileStatus> {
  const writer = new BufferWriter(task);
  const name = writer.string(path);
  const into = writer.reserve(STATX_BYTES);
  const named = path === '' ? undefined : path;
  await checked('stat', task.call(Syscall.statx, folder, name, flags, STATX_ALL, into), named);
  return readStatus(task.bytes.subarray(into, into + STATX_BYTES));
}

/** As many bytes as the file says it has, into one buffer; what is more, or of unknown length, part by part. */
async function readAll(task: HostTask, file: number, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const { size, mode } = await status(task, file, '', AT_EMPTY_PATH);
  if (mode >> TYPE_SHIFT === FileType.Directory) throw new LinuxError(EISDIR, 'read', path);
  const whole = new Uint8Array(size);
  const read = async (): Promise<Uint8Array> => {
    const count = await checked('read', task.call(Syscall.read, file, task.buffer, task.bufferBytes), path);
    return task.bytes.subarray(task.buffer, task.buffer + count);
  };
  let at = 0;
  while (at < size) {
    const part = await read();
    if (part.length === 0) return whole.slice(0, at);
    const fits = part.subarray(0, size - at);
    whole.set(fits, at);
    at += fits.length;
    if (fits.length < part.length) return grown([whole, part.slice(fits.length)], read);
  }
  return size === 0 ? grown([], read) : whole;
}

/** The parts, and what else there is to read. */
async function grown(parts: Uint8Array[], read: () => Promise<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  for (let part = await read(); part.length > 0; part = await read()) parts.push(part.slice());
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function entries(task: HostTask, path: string): Promise<DirectoryEntry[]> {
  return withFile(task, path, Open.Directory, 0, async (folder) => {
    const all: DirectoryEntry[] = [];
    for (;;) {
      const count = await checked(
        'getdents64',
        task.call(Syscall.getdents64, folder, task.buffer, task.bufferBytes),
        path,
      );
      if (count === 0) return all;
      all.push(...readEntries(task.bytes.slice(task.buffer, task.buffer + count)));
    }
  });
}

async function makeFolders(task: HostTask, path: string, mode: number): Promise<string | undefined> {
  const parts = path.split('/').filter((part) => part !== '');
  let first: string | undefined;
  for (let depth = 1; depth <= parts.length; depth++) {
    const folder = `${path.startsWith('/') ? '/' : ''}${parts.slice(0, depth).join('/')}`;
    try {
      await onPath(task, 'mkdirat', folder, (address) => task.call(Syscall.mkdirat, AT_FDCWD, address, mode));
      first ??= folder;
    } catch (error) {
      if (!isErrno(error, EEXIST)) throw error;
      const { mode: found } = await status(task, AT_FDCWD, folder, 0);
      if (found >> TYPE_SHIFT !== FileType.Directory)
        throw depth < parts.length ? new LinuxError(ENOTDIR, 'mkdirat', path) : error;
    }
  }
  return first;
}

function unlink(task: HostTask, path: string, flags: number): Promise<number> {
  return onPath(task, flags === 0 ? 'unlink' : 'rmdir', path, (address) =>
    task.call(Syscall.unlinkat, AT_FDCWD, address, flags),
  );
}

async function remove(task: HostTask, path: string, recursive: boolean): Promise<void> {
  const { mode } = await status(task, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
  if (mode >> TYPE_SHIFT !== FileType.Directory) {
    await unlink(task, path, 0);
    return;
  }
  if (!recursive) throw new LinuxError(EISDIR, 'rm', path);
  for (const { name } of await entries(task, path)) await remove(task, `${path}/${name}`, true);
  await unlink(task, path, AT_REMOVEDIR);
}

async function readlink(task: HostTask, path: string): Promise<string> {
  const writer = new BufferWriter(task);
  const name = writer.string(path);
  const most = 4096;
  const into = writer.reserve(most);
  const length = await checked('readlink', task.call(Syscall.readlinkat, AT_FDCWD, name, into, most), path);
  return new TextDecoder().decode(task.bytes.slice(into, into + length));
}

async function copyFile(task: HostTask, from: string, to: string, exclusive: boolean): Promise<void> {
  await withFile(task, from, Open.Read, 0, async (source) => {
    const { mode } = await status(task, source, '', AT_EMPTY_PATH);
    if (mode >> TYPE_SHIFT === FileType.Directory) throw new LinuxError(EISDIR, 'copyfile', from);
    const flags = Open.Write | Open.Create | (exclusive ? Open.Exclusive : Open.Truncate);
    await withFile(task, to, flags, mode & 0o7777, async (target) => {
      for (;;) {
        const count = await checked('read', task.call(Syscall.read, source, task.buffer, task.bufferBytes), from);
        if (count === 0) return;
        for (let at = 0; at < count; ) {
          at += await checked('write', task.call(Syscall.write, target, task.buffer + at, count - at), to);
        }
      }
    });
  });
}

async function copyTree(task: HostTask, from: string, to: string): Promise<void> {
  if (to === from || to.startsWith(`${from}/`)) throw new LinuxError(EINVAL, 'cp', to);
  const { mode } = await status(task, AT_FDCWD, from, AT_SYMLINK_NOFOLLOW);
  switch (mode >> TYPE_SHIFT) {
    case FileType.Directory:
      await makeFolders(task, to, mode & 0o7777);
      for (const { name } of await entries(task, from)) await copyTree(task, `${from}/${name}`, `${to}/${name}`);
      break;
    case FileType.Link: {
      const target = await readlink(task, from);
      await unlink(task, to, 0).catch((error: unknown) => {
        if (!isErrno(error, ENOENT)) throw error;
      });
      const writer = new BufferWriter(task);
      await checked('symlink', task.call(Syscall.symlinkat, writer.string(target), AT_FDCWD, writer.string(to)), to);
      break;
    }
    default:
      await copyFile(task, from, to, false);
  }
}
