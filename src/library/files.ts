// SPDX-License-Identifier: MIT
/**
 * The machine's files in the shape of node:fs/promises: the same names, arguments and results, so that code can be given the one or
 * the other. Each call is one message to the machine's thread and one back. Linux.fs is one.
 *
 * What differs: bytes are Uint8Arrays; paths and permissions are the machine's, whose root it is; errors are LinuxErrors, with
 * Linux's positive errno and the name of the system call that failed.
 */
import { Access, FileType, OpenFlag } from '../task/file-flags.ts';
import type { FileSystemStat } from '../task/file-structures.ts';
import type { FileChange } from '../task/file-watch.ts';
import { decode, type Encoding } from './encoding.ts';
import {
  dataOf,
  type FileCaller,
  type FileData,
  flagsOf,
  type LinuxPath,
  type Mode,
  modeOf,
  type OpenFlags,
  pathOf,
  type Time,
  timeOf,
} from './file-arguments.ts';
import { FileHandle, type ReadStreamOptions, readStream, writeStream } from './file-handle.ts';
import { Dirent, Stats } from './stats.ts';

/** A file by its path, or one that is open. */
export type LinuxFile = LinuxPath | FileHandle;

export interface ReadFileOptions {
  /** Without one the result is bytes. */
  readonly encoding?: Encoding | null;
  /** Default 'r'. */
  readonly flag?: OpenFlags;
  readonly signal?: AbortSignal;
}

export interface WriteFileOptions {
  /** Of text, default utf8. */
  readonly encoding?: Encoding | null;
  /** Permissions of a file that is made, less the umask; default 0o666. */
  readonly mode?: Mode;
  /** Default 'w', of appendFile 'a'. */
  readonly flag?: OpenFlags;
  /** Put it on its disk before the promise resolves. */
  readonly flush?: boolean;
  readonly signal?: AbortSignal;
}

export interface ReaddirOptions {
  /** 'buffer' gives the names as bytes, which is what they are to Linux. */
  readonly encoding?: 'utf8' | 'buffer';
  /** Gives Dirents. */
  readonly withFileTypes?: boolean;
  /** Also what is in its folders, with paths from this one. */
  readonly recursive?: boolean;
  readonly signal?: AbortSignal;
}

export interface CpOptions {
  /** Copy folders, too: without it they are an error. */
  readonly recursive?: boolean;
  /** Over what there is already; default true. */
  readonly force?: boolean;
  /** With `force: false`, that there is something already is an error. */
  readonly errorOnExist?: boolean;
  /** Copy what symbolic links lead to. */
  readonly dereference?: boolean;
  readonly preserveTimestamps?: boolean;
  readonly signal?: AbortSignal;
}

export interface WatchOptions {
  /** Also the folders in it, and those to come. */
  readonly recursive?: boolean;
  /** Ends the iteration, which rejects with its reason. */
  readonly signal?: AbortSignal;
}

const COPYFILE_EXCL = 1;

const constants = { ...Access, ...OpenFlag, ...FileType, COPYFILE_EXCL } as const;

export class LinuxFs {
  /** Linux's numbers, which need not be the host's. */
  readonly constants = constants;
  readonly #files: FileCaller;

  constructor(files: FileCaller) {
    this.#files = files;
  }

  /** All of a file: bytes, or with an encoding a string. */
  readFile(
    path: LinuxFile,
    options?: (ReadFileOptions & { readonly encoding?: null }) | null,
  ): Promise<Uint8Array<ArrayBuffer>>;
  readFile(path: LinuxFile, options: Encoding | (ReadFileOptions & { readonly encoding: Encoding })): Promise<string>;
  readFile(path: LinuxFile, options?: Encoding | ReadFileOptions | null): Promise<string | Uint8Array<ArrayBuffer>>;
  async readFile(
    path: LinuxFile,
    options?: Encoding | ReadFileOptions | null,
  ): Promise<string | Uint8Array<ArrayBuffer>> {
    const {
      encoding,
      flag = 'r',
      signal,
    }: ReadFileOptions = typeof options === 'string' ? { encoding: options } : (options ?? {});
    const target = path instanceof FileHandle ? path.fd : pathOf(path);
    const bytes = await this.#files.call('readFile', [target, flagsOf(flag)], signal);
    return encoding ? decode(bytes, encoding) : bytes;
  }

  /** Makes a file, or empties one, and writes. What comes in pieces is written piece by piece. */
  async writeFile(
    path: LinuxFile,
    data: FileData | Iterable<FileData> | AsyncIterable<FileData>,
    options?: Encoding | WriteFileOptions | null,
  ): Promise<void> {
    const {
      encoding,
      mode = 0o666,
      flag = 'w',
      flush = false,
      signal,
    }: WriteFileOptions = typeof options === 'string' ? { encoding: options } : (options ?? {});
    if (typeof data === 'string' || ArrayBuffer.isView(data)) {
      const target = path instanceof FileHandle ? path.fd : pathOf(path);
      const how = { flags: flagsOf(flag), mode: modeOf(mode), flush };
      await this.#files.call('writeFile', [target, dataOf(data, encoding ?? undefined), how], signal);
      return;
    }
    const file = path instanceof FileHandle ? path : await this.open(path, flag, mode);
    try {
      for await (const piece of data) {
        signal?.throwIfAborted();
        await file.writeFile(piece, { ...(encoding && { encoding }), ...(signal && { signal }) });
      }
      if (flush) await file.sync();
    } finally {
      if (file !== path) await file.close();
    }
  }

  /** Writes at a file's end. */
  appendFile(path: LinuxFile, data: FileData, options?: Encoding | WriteFileOptions | null): Promise<void> {
    return this.writeFile(path, data, {
      flag: 'a',
      ...(typeof options === 'string' ? { encoding: options } : options),
    });
  }

  /** mode: permissions of a file that is made, less the umask. */
  async open(path: LinuxPath, flags: OpenFlags = 'r', mode: Mode = 0o666): Promise<FileHandle> {
    return new FileHandle(this.#files, await this.#files.call('open', [pathOf(path), flagsOf(flags), modeOf(mode)]));
  }

  /** A web stream of a file: one request a chunk, none before it is asked for. */
  createReadStream(
    path: LinuxPath,
    options: ReadStreamOptions & { readonly flags?: OpenFlags } = {},
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    return readStream(this.#files, () => this.open(path, options.flags), options);
  }

  /** A web stream into a file, which takes text and bytes: each write resolves when the file has it. */
  createWriteStream(
    path: LinuxPath,
    options: {
      readonly flags?: OpenFlags;
      readonly mode?: Mode;
      readonly start?: number;
      readonly signal?: AbortSignal;
    } = {},
  ): WritableStream<FileData> {
    return writeStream(this.#files, () => this.open(path, options.flags ?? 'w', options.mode), options);
  }

  async stat(path: LinuxPath): Promise<Stats> {
    return new Stats(await this.#files.call('stat', [pathOf(path), true]));
  }

  /** Of a symbolic link itself. */
  async lstat(path: LinuxPath): Promise<Stats> {
    return new Stats(await this.#files.call('stat', [pathOf(path), false]));
  }

  /** What is in a folder, sorted by name. */
  readdir(
    path: LinuxPath,
    options?: (ReaddirOptions & { withFileTypes?: false; encoding?: 'utf8' }) | 'utf8' | null,
  ): Promise<string[]>;
  readdir(
    path: LinuxPath,
    options: (ReaddirOptions & { withFileTypes?: false; encoding: 'buffer' }) | 'buffer',
  ): Promise<Uint8Array<ArrayBuffer>[]>;
  readdir(path: LinuxPath, options: ReaddirOptions & { withFileTypes: true; encoding?: 'utf8' }): Promise<Dirent[]>;
  async readdir(
    path: LinuxPath,
    options?: ReaddirOptions | 'utf8' | 'buffer' | null,
  ): Promise<(string | Uint8Array<ArrayBuffer> | Dirent)[]> {
    const {
      encoding = 'utf8',
      withFileTypes = false,
      recursive = false,
      signal,
    }: ReaddirOptions = typeof options === 'string' ? { encoding: options } : (options ?? {});
    const folder = pathOf(path);
    const asBytes = encoding === 'buffer';
    if (asBytes && (recursive || withFileTypes)) {
      throw new TypeError('readdir: names are bytes only without "recursive" and "withFileTypes"');
    }
    const { names, parents, types } = await this.#files.call('list', [folder, recursive, asBytes], signal);
    if (asBytes) return names as Uint8Array<ArrayBuffer>[];
    const top = typeof folder === 'string' ? folder : decode(folder, 'utf8');
    return names.map((name, index) => {
      const parent = parents[index] ?? '';
      if (withFileTypes) return new Dirent(String(name), joined(top, parent), types[index] ?? 0);
      return joined(parent, String(name));
    });
  }

  /** With `recursive` makes what is missing above it, too, and resolves with the first folder that was made. */
  async mkdir(
    path: LinuxPath,
    options?: Mode | { readonly recursive?: boolean; readonly mode?: Mode } | null,
  ): Promise<string | undefined> {
    const { recursive = false, mode = 0o777 } =
      typeof options === 'object' && options ? options : { mode: options ?? 0o777 };
    return this.#files.call('makeFolder', [pathOf(path), modeOf(mode), recursive]);
  }

  /** Makes a folder whose name begins with `prefix` and goes on with six letters; its path. */
  async mkdtemp(prefix: string): Promise<string> {
    return this.#files.call('makeTemporaryFolder', [prefix]);
  }

  /** force: no error when there is nothing. recursive: folders, with all that is in them. */
  async rm(
    path: LinuxPath,
    options: { readonly recursive?: boolean; readonly force?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const { recursive = false, force = false, signal } = options;
    await this.#files.call('remove', [pathOf(path), recursive, force], signal);
  }

  /** Of an empty folder. */
  async rmdir(path: LinuxPath): Promise<void> {
    await this.#files.call('removeFolder', [pathOf(path)]);
  }

  async unlink(path: LinuxPath): Promise<void> {
    await this.#files.call('unlink', [pathOf(path)]);
  }

  async rename(from: LinuxPath, to: LinuxPath): Promise<void> {
    await this.#files.call('rename', [pathOf(from), pathOf(to)]);
  }

  /** A second name for a file. */
  async link(existing: LinuxPath, path: LinuxPath): Promise<void> {
    await this.#files.call('link', [pathOf(existing), pathOf(path)]);
  }

  async symlink(target: LinuxPath, path: LinuxPath): Promise<void> {
    await this.#files.call('symlink', [pathOf(target), pathOf(path)]);
  }

  /** What a symbolic link has in it. */
  async readlink(path: LinuxPath): Promise<string> {
    return decode(await this.#files.call('readLink', [pathOf(path)]), 'utf8');
  }

  /** The absolute path without symbolic links, `.` and `..`. */
  async realpath(path: LinuxPath): Promise<string> {
    return decode(await this.#files.call('realPath', [pathOf(path)]), 'utf8');
  }

  /** Rejects when there is no such file. (Root may do nearly all, so R_OK and W_OK say little.) */
  async access(path: LinuxPath, mode: number = Access.F_OK): Promise<void> {
    await this.#files.call('access', [pathOf(path), mode]);
  }

  async chmod(path: LinuxPath, mode: Mode): Promise<void> {
    await this.#files.call('changeMode', [pathOf(path), modeOf(mode)]);
  }

  async chown(path: LinuxPath, uid: number, gid: number): Promise<void> {
    await this.#files.call('changeOwner', [pathOf(path), uid, gid, true]);
  }

  /** Of a symbolic link itself. */
  async lchown(path: LinuxPath, uid: number, gid: number): Promise<void> {
    await this.#files.call('changeOwner', [pathOf(path), uid, gid, false]);
  }

  async utimes(path: LinuxPath, accessed: Time, modified: Time): Promise<void> {
    await this.#files.call('changeTimes', [pathOf(path), timeOf(accessed), timeOf(modified), true]);
  }

  /** Of a symbolic link itself. */
  async lutimes(path: LinuxPath, accessed: Time, modified: Time): Promise<void> {
    await this.#files.call('changeTimes', [pathOf(path), timeOf(accessed), timeOf(modified), false]);
  }

  /** Cuts a file, or fills it up with zeros. */
  async truncate(path: LinuxPath, length = 0): Promise<void> {
    await this.#files.call('truncate', [pathOf(path), length]);
  }

  /** Copies a file's bytes and permissions. mode: COPYFILE_EXCL, not over another. */
  async copyFile(from: LinuxPath, to: LinuxPath, mode = 0): Promise<void> {
    if ((mode & ~COPYFILE_EXCL) !== 0) throw new RangeError(`copyFile: mode ${mode}; there is COPYFILE_EXCL (1) only`);
    await this.#files.call('copyFile', [pathOf(from), pathOf(to), mode === COPYFILE_EXCL]);
  }

  /** Copies files, symbolic links as they are, and folders with all that is in them. */
  async cp(from: LinuxPath, to: LinuxPath, options: CpOptions = {}): Promise<void> {
    const {
      recursive = false,
      force = true,
      errorOnExist = false,
      dereference = false,
      preserveTimestamps = false,
      signal,
    } = options;
    const how = { recursive, force, errorOnExist, dereference, preserveTimestamps };
    await this.#files.call('copy', [pathOf(from), pathOf(to), how], signal);
  }

  /** Of the file system that a path is in; sizes in blocks of `bsize` bytes. */
  async statfs(path: LinuxPath): Promise<FileSystemStat> {
    return this.#files.call('statFileSystem', [pathOf(path)]);
  }

  /**
   * What changes in a folder, or of a file, from this call on, until the iteration ends or it is gone. The kernel keeps so many events for who is
   * slow (fs.inotify.max_queued_events), then they are lost.
   */
  watch(path: LinuxPath, options: WatchOptions = {}): AsyncGenerator<FileChange, void, void> {
    const { recursive = false, signal } = options;
    signal?.throwIfAborted();
    const begun = this.#files.call('watch', [pathOf(path), recursive]);
    // It is told by the first `next`.
    begun.catch(() => {});
    const files = this.#files;
    return (async function* changes() {
      const watch = await begun;
      try {
        for (;;) {
          const changes = await files.call('changes', [watch], signal);
          if (changes.length === 0) return;
          yield* changes;
        }
      } finally {
        await files.call('unwatch', [watch]).catch(() => {});
      }
    })();
  }
}

function joined(folder: string, name: string): string {
  if (folder === '' || name === '') return folder + name;
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}
