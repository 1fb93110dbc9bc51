// SPDX-License-Identifier: MIT
/**
 * The machine's files for the library (src/library/files.ts): what node:fs/promises does, each method one request from the other
 * thread and as many system calls of a host task as it takes. Arguments and results are plain data; what is large is in a buffer
 * of its own, so that it can be moved.
 */
import { BufferWriter } from './arguments.ts';
import { checked } from './descriptors.ts';
import * as calls from './file-calls.ts';
import { type Path, type Target, textOfPath } from './file-calls.ts';
import { readWhole, writeWhole } from './file-contents.ts';
import { FileErrno, OpenFlag } from './file-flags.ts';
import { type FileStat, type FileSystemStat, readStatfs, STATFS_BYTES } from './file-structures.ts';
import { type CopyOptions, copyFile, copyTree, hasErrno, listTree, makeFolders, removeTree } from './file-trees.ts';
import { type FileChange, FileWatch } from './file-watch.ts';
import type { Streams } from './streams.ts';
import { Syscall } from './syscall-numbers.ts';
import type { TaskPool } from './task-pool.ts';

const RANDOM_NAME = 6;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const NAME_TRIES = 100;

/** What a folder has, as columns. */
export interface Listing {
  /** Of names and of parents, bytes when they were asked for. */
  readonly names: readonly (string | Uint8Array<ArrayBuffer>)[];
  /** From the folder that was listed; empty for its own entries. */
  readonly parents: readonly string[];
  /** DT_REG and the like: st_mode's type by 12 bits to the right. */
  readonly types: Uint8Array<ArrayBuffer>;
}

export interface WriteOptions {
  readonly flags: number;
  readonly mode: number;
  /** Put it on its disk, too. */
  readonly flush: boolean;
}

export class GuestFiles {
  readonly #pool: TaskPool;
  readonly #streams: Streams;
  readonly #watches = new Map<number, FileWatch>();
  #nextWatch = 1;

  constructor(pool: TaskPool, streams: Streams) {
    this.#pool = pool;
    this.#streams = streams;
  }

  /** All of a file; of a descriptor, what is left. */
  readFile(target: Target, flags: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return this.#pool.use(
      (task) => calls.withDescriptor(task, target, flags, (descriptor) => readWhole(task, descriptor, signal)),
      signal,
    );
  }

  writeFile(target: Target, data: Uint8Array, options: WriteOptions, signal?: AbortSignal): Promise<void> {
    const { flags, mode, flush } = options;
    return this.#pool.use(
      (task) =>
        calls.withDescriptor(
          task,
          target,
          flags,
          async (descriptor) => {
            await writeWhole(task, descriptor, data, undefined, signal);
            if (flush) await calls.sync(task, descriptor, false);
          },
          mode,
        ),
      signal,
    );
  }

  open(path: Path, flags: number, mode: number, signal?: AbortSignal): Promise<number> {
    return this.#pool.use((task) => calls.open(task, path, flags, mode), signal);
  }

  /**
   * Reads until there are `length` bytes, the file ends, or it has no more for now; from a position or, null, from where the file
   * stands.
   */
  readAt(
    descriptor: number,
    length: number,
    position: number | null,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#pool.use(async (task) => {
      const most = Math.min(length, task.bufferBytes);
      const count = await calls.read(task, descriptor, most, position ?? undefined);
      const first = new Uint8Array(task.bytes.subarray(task.buffer, task.buffer + count));
      if (count < most || count === length) return first;
      const whole = new Uint8Array(first.buffer.transfer(length));
      let at = count;
      while (at < length) {
        signal?.throwIfAborted();
        const piece = Math.min(length - at, task.bufferBytes);
        const more = await calls.read(task, descriptor, piece, position === null ? undefined : position + at);
        whole.set(task.bytes.subarray(task.buffer, task.buffer + more), at);
        at += more;
        if (more < piece) break;
      }
      return at === length ? whole : new Uint8Array(whole.buffer.transfer(at));
    }, signal);
  }

  /** Writes all bytes; at a position or, null, where the file stands. */
  writeAt(descriptor: number, data: Uint8Array, position: number | null, signal?: AbortSignal): Promise<void> {
    return this.#pool.use((task) => writeWhole(task, descriptor, data, position ?? undefined, signal), signal);
  }

  /** follow: whether a symbolic link means what it leads to. */
  stat(target: Target, follow: boolean): Promise<FileStat> {
    return this.#pool.use((task) => calls.stat(task, target, follow));
  }

  list(path: Path, recursive: boolean, asBytes: boolean, signal?: AbortSignal): Promise<Listing> {
    return this.#pool.use(async (task) => {
      const entries = await listTree(task, path, recursive, signal);
      return {
        names: entries.map(({ name }) => (asBytes ? name : textOfPath(name))),
        parents: entries.map(({ parent }) => (parent.length === 0 ? '' : textOfPath(parent))),
        types: Uint8Array.from(entries, ({ type }) => type),
      };
    }, signal);
  }

  /** With `recursive` the first folder that was made, if any was. */
  makeFolder(path: Path, mode: number, recursive: boolean): Promise<string | undefined> {
    return this.#pool.use(async (task) => {
      if (recursive) return makeFolders(task, path, mode);
      await calls.makeFolder(task, path, mode);
      return undefined;
    });
  }

  /** A new folder whose name begins so; its path. */
  makeTemporaryFolder(prefix: string): Promise<string> {
    return this.#pool.use(async (task) => {
      for (let left = NAME_TRIES; ; left--) {
        const path = prefix + randomName();
        try {
          await calls.makeFolder(task, path, 0o700);
          return path;
        } catch (error) {
          if (left === 0 || !hasErrno(error, FileErrno.EEXIST)) throw error;
        }
      }
    });
  }

  /** force: that there is nothing is no error. */
  remove(path: Path, recursive: boolean, force: boolean, signal?: AbortSignal): Promise<void> {
    return this.#pool.use(async (task) => {
      try {
        await (recursive ? removeTree(task, path, signal) : calls.unlink(task, path));
      } catch (error) {
        if (!force || !hasErrno(error, FileErrno.ENOENT)) throw error;
      }
    }, signal);
  }

  unlink(path: Path): Promise<void> {
    return this.#pool.use((task) => calls.unlink(task, path));
  }

  removeFolder(path: Path): Promise<void> {
    return this.#pool.use((task) => calls.removeFolder(task, path));
  }

  rename(from: Path, to: Path): Promise<void> {
    return this.#pool.use((task) => calls.rename(task, from, to));
  }

  link(from: Path, to: Path): Promise<void> {
    return this.#pool.use((task) => calls.link(task, from, to));
  }

  /** text: what the link has in it. */
  symlink(text: Path, path: Path): Promise<void> {
    return this.#pool.use((task) => calls.symlink(task, text, path));
  }

  readLink(path: Path): Promise<Uint8Array<ArrayBuffer>> {
    return this.#pool.use((task) => calls.readLink(task, path));
  }

  /** The path without symbolic links, `.` and `..`, as the kernel knows what it opens. */
  realPath(path: Path): Promise<Uint8Array<ArrayBuffer>> {
    return this.#pool.use((task) =>
      calls.withDescriptor(task, path, OpenFlag.O_PATH, (descriptor) =>
        calls.readLink(task, `/proc/self/fd/${descriptor}`),
      ),
    );
  }

  access(path: Path, mode: number): Promise<void> {
    return this.#pool.use((task) => calls.access(task, path, mode));
  }

  changeMode(target: Target, mode: number): Promise<void> {
    return this.#pool.use((task) => calls.changeMode(task, target, mode));
  }

  changeOwner(target: Target, uid: number, gid: number, follow: boolean): Promise<void> {
    return this.#pool.use((task) => calls.changeOwner(task, target, uid, gid, follow));
  }

  /** Milliseconds since 1970. */
  changeTimes(target: Target, accessed: number, modified: number, follow: boolean): Promise<void> {
    return this.#pool.use((task) => calls.changeTimes(task, target, accessed, modified, follow));
  }

  truncate(target: Target, length: number): Promise<void> {
    return this.#pool.use((task) =>
      calls.withDescriptor(task, target, OpenFlag.O_WRONLY, (descriptor) => calls.truncate(task, descriptor, length)),
    );
  }

  sync(descriptor: number, dataOnly: boolean): Promise<void> {
    return this.#pool.use((task) => calls.sync(task, descriptor, dataOnly));
  }

  copyFile(from: Path, to: Path, exclusive: boolean, signal?: AbortSignal): Promise<void> {
    return this.#pool.use((task) => copyFile(task, from, to, exclusive, signal), signal);
  }

  copy(from: Path, to: Path, options: CopyOptions, signal?: AbortSignal): Promise<void> {
    return this.#pool.use((task) => copyTree(task, from, to, options, signal), signal);
  }

  statFileSystem(path: Path): Promise<FileSystemStat> {
    return this.#pool.use((task) =>
      calls.withDescriptor(task, path, OpenFlag.O_PATH, async (descriptor) => {
        const result = new BufferWriter(task).reserve(STATFS_BYTES);
        const call = task.call(Syscall.fstatfs64, descriptor, STATFS_BYTES, result);
        await checked('fstatfs64', call, textOfPath(path));
        return readStatfs(task.bytes.subarray(result, result + STATFS_BYTES));
      }),
    );
  }

  /** A number for the two below. */
  async watch(path: Path, recursive: boolean): Promise<number> {
    const watch = await this.#pool.use((task) => FileWatch.start(task, path, recursive));
    const id = this.#nextWatch++;
    this.#watches.set(id, watch);
    return id;
  }

  /** The next changes; none when what was watched is gone. */
  async changes(id: number, signal?: AbortSignal): Promise<FileChange[]> {
    return this.#watch(id).changes(this.#pool, this.#streams, signal);
  }

  async unwatch(id: number): Promise<void> {
    const watch = this.#watch(id);
    this.#watches.delete(id);
    await watch.close(this.#streams);
  }

  #watch(id: number): FileWatch {
    const watch = this.#watches.get(id);
    if (!watch) throw new Error(`the watch ${id} has ended`);
    return watch;
  }
}

function randomName(): string {
  const numbers = crypto.getRandomValues(new Uint32Array(RANDOM_NAME));
  return Array.from(numbers, (number) => LETTERS[number % LETTERS.length]).join('');
}
