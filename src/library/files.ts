// SPDX-License-Identifier: MIT
/**
 * The guest's files in the shape of node:fs/promises: each method one request, done by root. Paths are absolute; errors are
 * LinuxError with code, errno, syscall and path.
 */
import type { RemoteCaller } from '../host/worker/remote.ts';
import type { FileSystemStatus } from '../task/file-status.ts';
import { Open } from '../task/guest-files.ts';
import type { MachineService } from '../task/service.ts';
import { FileHandle } from './file-handle.ts';
import { Dirent, Stats } from './stats.ts';

/** As open(2) has them, by the letters of fopen(3). */
const FLAGS = {
  r: Open.Read,
  'r+': Open.ReadWrite,
  w: Open.Write | Open.Create | Open.Truncate,
  wx: Open.Write | Open.Create | Open.Exclusive,
  'w+': Open.ReadWrite | Open.Create | Open.Truncate,
  'wx+': Open.ReadWrite | Open.Create | Open.Exclusive,
  a: Open.Write | Open.Create | Open.Append,
  ax: Open.Write | Open.Create | Open.Append | Open.Exclusive,
  'a+': Open.ReadWrite | Open.Create | Open.Append,
  'ax+': Open.ReadWrite | Open.Create | Open.Append | Open.Exclusive,
} as const;

export type OpenFlags = keyof typeof FLAGS;
export type Encoding = 'utf8' | 'utf-8';

export interface ReadOptions {
  /** Text in place of bytes. */
  readonly encoding?: Encoding | null;
  readonly flag?: OpenFlags;
  readonly signal?: AbortSignal;
}

export interface WriteOptions {
  /** Permissions of a new file, before the umask; default 0o666. */
  readonly mode?: number;
  readonly flag?: OpenFlags;
  readonly signal?: AbortSignal;
}

/** What a watch has seen, as node:fs says it. */
export interface FileChange {
  /** rename: it has come, gone or got another name; change: its contents or attributes are others. */
  readonly eventType: 'rename' | 'change';
  /** The file in the folder that is watched; null: that itself. */
  readonly filename: string | null;
}

/** IN_MODIFY and IN_ATTRIB. */
const CHANGE = 0x6;
/** IN_IGNORED: what was watched is gone. */
const IGNORED = 0x8000;

const time = (value: number | Date): number => (typeof value === 'number' ? value * 1000 : value.getTime());

export class LinuxFs {
  /** Of access(): is there, may be read, written, executed. */
  readonly constants = { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, COPYFILE_EXCL: 1 } as const;
  readonly #service: RemoteCaller<MachineService>;

  constructor(service: RemoteCaller<MachineService>) {
    this.#service = service;
  }

  readFile(path: string, options: Encoding | (ReadOptions & { readonly encoding: Encoding })): Promise<string>;
  readFile(path: string, options?: ReadOptions & { readonly encoding?: null }): Promise<Uint8Array<ArrayBuffer>>;
  async readFile(path: string, options: Encoding | ReadOptions = {}): Promise<string | Uint8Array> {
    const { encoding, flag = 'r', signal } = typeof options === 'string' ? { encoding: options } : options;
    const bytes = await this.#service.call('readFile', [path, flagsOf(flag)], signal);
    return encoding ? new TextDecoder().decode(bytes) : bytes;
  }

  /** Replaces the contents, unless `flag` says otherwise. A stream is written part by part. */
  async writeFile(
    path: string,
    data: string | Uint8Array | AsyncIterable<string | Uint8Array>,
    { mode = 0o666, flag = 'w', signal }: WriteOptions = {},
  ): Promise<void> {
    if (typeof data === 'string' || data instanceof Uint8Array) {
      const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
      await this.#service.call('writeFile', [path, bytes, flagsOf(flag), mode], signal);
      return;
    }
    await using file = await this.open(path, flag, mode);
    for await (const part of data) {
      signal?.throwIfAborted();
      await file.write(part);
    }
  }

  async appendFile(path: string, data: string | Uint8Array, options: WriteOptions = {}): Promise<void> {
    await this.writeFile(path, data, { flag: 'a', ...options });
  }

  async open(path: string, flag: OpenFlags = 'r', mode = 0o666): Promise<FileHandle> {
    return new FileHandle(this.#service, await this.#service.call('open', [path, flagsOf(flag), mode]));
  }

  /** The file's contents as they are taken. It is opened when the first is. */
  createReadStream(path: string): ReadableStream<Uint8Array<ArrayBuffer>> {
    let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async (controller) => {
          reader ??= (await this.open(path)).readableWebStream().getReader();
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => reader?.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  }

  createWriteStream(
    path: string,
    { flag = 'w', mode = 0o666 }: WriteOptions = {},
  ): WritableStream<Uint8Array | string> {
    let file: FileHandle | undefined;
    return new WritableStream<Uint8Array | string>({
      start: async () => {
        file = await this.open(path, flag, mode);
      },
      write: async (chunk) => {
        await file?.write(chunk);
      },
      close: () => file?.close(),
      abort: () => file?.close(),
    });
  }

  async stat(path: string): Promise<Stats> {
    return new Stats(await this.#service.call('stat', [path]));
  }

  /** Of a link itself. */
  async lstat(path: string): Promise<Stats> {
    return new Stats(await this.#service.call('lstat', [path]));
  }

  readdir(path: string, options: { readonly withFileTypes: true; readonly recursive?: boolean }): Promise<Dirent[]>;
  readdir(path: string, options?: { readonly withFileTypes?: false; readonly recursive?: boolean }): Promise<string[]>;
  async readdir(
    path: string,
    {
      withFileTypes = false,
      recursive = false,
    }: { readonly withFileTypes?: boolean; readonly recursive?: boolean } = {},
  ): Promise<string[] | Dirent[]> {
    const found = await this.#service.call('readdir', [path, recursive]);
    return withFileTypes
      ? found.map((entry) => new Dirent(entry, entry.parent === '' ? path : `${path}/${entry.parent}`))
      : found.map(({ parent, name }) => (parent === '' ? name : `${parent}/${name}`));
  }

  /** With `recursive` resolves with the first folder that was made, if any. */
  async mkdir(
    path: string,
    { recursive = false, mode = 0o777 }: { readonly recursive?: boolean; readonly mode?: number } = {},
  ): Promise<string | undefined> {
    return this.#service.call('mkdir', [path, recursive, mode]);
  }

  async rmdir(path: string): Promise<void> {
    await this.#service.call('rmdir', [path]);
  }

  async unlink(path: string): Promise<void> {
    await this.#service.call('unlink', [path]);
  }

  async rm(
    path: string,
    { recursive = false, force = false }: { readonly recursive?: boolean; readonly force?: boolean } = {},
  ): Promise<void> {
    await this.#service.call('rm', [path, recursive, force]);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#service.call('rename', [from, to]);
  }

  async link(existing: string, path: string): Promise<void> {
    await this.#service.call('link', [existing, path]);
  }

  async symlink(target: string, path: string): Promise<void> {
    await this.#service.call('symlink', [target, path]);
  }

  readlink(path: string): Promise<string> {
    return this.#service.call('readlink', [path]);
  }

  realpath(path: string): Promise<string> {
    return this.#service.call('realpath', [path]);
  }

  async chmod(path: string, mode: number): Promise<void> {
    await this.#service.call('chmod', [path, mode]);
  }

  async chown(path: string, uid: number, gid: number): Promise<void> {
    await this.#service.call('chown', [path, uid, gid, true]);
  }

  async lchown(path: string, uid: number, gid: number): Promise<void> {
    await this.#service.call('chown', [path, uid, gid, false]);
  }

  /** Times as dates or in seconds since 1970. */
  async utimes(path: string, atime: number | Date, mtime: number | Date): Promise<void> {
    await this.#service.call('utimes', [path, time(atime), time(mtime), true]);
  }

  async lutimes(path: string, atime: number | Date, mtime: number | Date): Promise<void> {
    await this.#service.call('utimes', [path, time(atime), time(mtime), false]);
  }

  async truncate(path: string, length = 0): Promise<void> {
    await this.#service.call('truncate', [path, length]);
  }

  /** Rejects when root may not do that (constants), or there is no such file. */
  async access(path: string, mode = 0): Promise<void> {
    await this.#service.call('access', [path, mode]);
  }

  /** mode: constants.COPYFILE_EXCL, when it must be new. */
  async copyFile(from: string, to: string, mode = 0): Promise<void> {
    await this.#service.call('copyFile', [from, to, (mode & this.constants.COPYFILE_EXCL) !== 0]);
  }

  /** A file, or with `recursive` a folder and all in it. Times and owners are new ones. */
  async cp(from: string, to: string, { recursive = false }: { readonly recursive?: boolean } = {}): Promise<void> {
    if (recursive) await this.#service.call('copyTree', [from, to]);
    else await this.copyFile(from, to);
  }

  /** A new folder with a name that begins so. */
  mkdtemp(prefix: string): Promise<string> {
    return this.#service.call('mkdtemp', [prefix]);
  }

  statfs(path: string): Promise<FileSystemStatus> {
    return this.#service.call('statfs', [path]);
  }

  /** What happens to a file or in a folder (not below), until the signal aborts, which rejects, or it is gone. */
  async *watch(path: string, { signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<FileChange, void> {
    const watch = await this.#service.call('watch', [path]);
    try {
      for (;;) {
        for (const { mask, name } of await this.#service.call('watched', [watch], signal)) {
          if (mask & IGNORED) return;
          yield { eventType: mask & CHANGE ? 'change' : 'rename', filename: name === '' ? null : name };
        }
      }
    } finally {
      await this.#service.call('close', [watch]);
    }
  }
}

function flagsOf(flag: OpenFlags): number {
  const flags = FLAGS[flag];
  if (flags === undefined)
    throw new TypeError(`"${flag}" is no way to open a file: it is one of ${Object.keys(FLAGS).join(', ')}`);
  return flags;
}
