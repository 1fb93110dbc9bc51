// SPDX-License-Identifier: MIT
/** An open file of the machine, in the shape of Node's FileHandle. Made by LinuxFs.open (files.ts). */
import { decode, type Encoding } from './encoding.ts';
import {
  dataOf,
  type FileCaller,
  type FileData,
  type Mode,
  modeOf,
  positionOf,
  type Time,
  timeOf,
} from './file-arguments.ts';
import { Stats } from './stats.ts';

/** What one request moves of a stream: as much as a task's buffer holds. */
const CHUNK_BYTES = 256 * 1024;
/** Of `read` without a buffer, as Node's. */
const READ_BYTES = 16384;

export interface ReadOptions {
  readonly offset?: number;
  readonly length?: number;
  /** null: where the file stands. */
  readonly position?: number | bigint | null;
}

export interface ReadStreamOptions {
  /** First and last byte. */
  readonly start?: number;
  readonly end?: number;
  /** Bytes of a chunk, default 256 KiB. */
  readonly chunkSize?: number;
  readonly signal?: AbortSignal;
}

export class FileHandle implements AsyncDisposable {
  readonly fd: number;
  readonly #files: FileCaller;
  #isClosed = false;

  constructor(files: FileCaller, fd: number) {
    this.#files = files;
    this.fd = fd;
  }

  /** Fills `buffer` (bytes from `offset`, `length` of them) as far as the file has something for now. */
  async read<T extends ArrayBufferView = Uint8Array<ArrayBuffer>>(
    buffer?: T,
    optionsOrOffset: ReadOptions | number | null = {},
    length?: number | null,
    position?: number | bigint | null,
  ): Promise<{ bytesRead: number; buffer: T }> {
    const target = buffer ?? (new Uint8Array(READ_BYTES) as ArrayBufferView as T);
    const options =
      typeof optionsOrOffset === 'object' && optionsOrOffset
        ? optionsOrOffset
        : { offset: optionsOrOffset ?? 0, length: length ?? undefined, position };
    const { offset = 0 } = options;
    const room = options.length ?? target.byteLength - offset;
    if (!(offset >= 0 && room >= 0 && offset + room <= target.byteLength)) {
      throw new RangeError(`the buffer of ${target.byteLength} bytes has no ${room} from ${offset} on`);
    }
    const bytes = await this.#files.call('readAt', [this.#open(), room, positionOf(options.position)]);
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes, offset);
    return { bytesRead: bytes.length, buffer: target };
  }

  /** Writes all of it: a string from a position on, or bytes (`length` of them from `offset`). */
  write(text: string, position?: number | null, encoding?: Encoding): Promise<{ bytesWritten: number; buffer: string }>;
  write<T extends ArrayBufferView>(
    bytes: T,
    offset?: number | null,
    length?: number | null,
    position?: number | bigint | null,
  ): Promise<{ bytesWritten: number; buffer: T }>;
  async write(
    data: FileData,
    offsetOrPosition?: number | null,
    lengthOrEncoding?: number | Encoding | null,
    position?: number | bigint | null,
  ): Promise<{ bytesWritten: number; buffer: FileData }> {
    const isText = typeof data === 'string';
    const all = dataOf(data, isText && typeof lengthOrEncoding === 'string' ? lengthOrEncoding : undefined);
    const offset = isText ? 0 : (offsetOrPosition ?? 0);
    const length = typeof lengthOrEncoding === 'number' ? lengthOrEncoding : all.length - offset;
    const bytes = all.subarray(offset, offset + length);
    await this.#files.call('writeAt', [this.#open(), bytes, positionOf(isText ? offsetOrPosition : position)]);
    return { bytesWritten: bytes.length, buffer: data };
  }

  /** What is left of the file. */
  readFile(
    options?: { readonly encoding?: null; readonly signal?: AbortSignal } | null,
  ): Promise<Uint8Array<ArrayBuffer>>;
  readFile(options: Encoding | { readonly encoding: Encoding; readonly signal?: AbortSignal }): Promise<string>;
  async readFile(
    options?: Encoding | { readonly encoding?: Encoding | null; readonly signal?: AbortSignal } | null,
  ): Promise<string | Uint8Array<ArrayBuffer>> {
    const { encoding, signal } = typeof options === 'string' ? { encoding: options } : (options ?? {});
    const bytes = await this.#files.call('readFile', [this.#open(), 0], signal);
    return encoding ? decode(bytes, encoding) : bytes;
  }

  /** Writes from where the file stands. */
  async writeFile(
    data: FileData,
    options?: Encoding | { readonly encoding?: Encoding | null; readonly signal?: AbortSignal },
  ): Promise<void> {
    const { encoding, signal } = typeof options === 'string' ? { encoding: options } : (options ?? {});
    await this.#files.call('writeAt', [this.#open(), dataOf(data, encoding ?? undefined), null], signal);
  }

  /** The same as writeFile: where the file stands is its end when it was opened with 'a'. */
  appendFile(...args: Parameters<FileHandle['writeFile']>): Promise<void> {
    return this.writeFile(...args);
  }

  async stat(): Promise<Stats> {
    return new Stats(await this.#files.call('stat', [this.#open(), true]));
  }

  async truncate(length = 0): Promise<void> {
    await this.#files.call('truncate', [this.#open(), length]);
  }

  /** Puts it on its disk. */
  async sync(): Promise<void> {
    await this.#files.call('sync', [this.#open(), false]);
  }

  /** Puts its data on its disk. */
  async datasync(): Promise<void> {
    await this.#files.call('sync', [this.#open(), true]);
  }

  async chmod(mode: Mode): Promise<void> {
    await this.#files.call('changeMode', [this.#open(), modeOf(mode)]);
  }

  async chown(uid: number, gid: number): Promise<void> {
    await this.#files.call('changeOwner', [this.#open(), uid, gid, true]);
  }

  async utimes(accessed: Time, modified: Time): Promise<void> {
    await this.#files.call('changeTimes', [this.#open(), timeOf(accessed), timeOf(modified), true]);
  }

  /** The file as a stream: one request a chunk, none before it is asked for. At the stream's end the file is closed. */
  createReadStream(options: ReadStreamOptions = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    return readStream(this.#files, async () => this, options);
  }

  /** Takes bytes and text, from where the file stands or from `start`. At its end the file is closed. */
  createWriteStream(options: { readonly start?: number; readonly signal?: AbortSignal } = {}) {
    return writeStream(this.#files, async () => this, options);
  }

  /** As Node's: a stream of all that is left. */
  readableWebStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.createReadStream();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#files.call('close', [this.fd]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Its number may be another file's once it is closed. */
  #open(): number {
    if (this.#isClosed) throw new TypeError('the file is closed');
    return this.fd;
  }
}

export function readStream(
  files: FileCaller,
  open: () => Promise<FileHandle>,
  { start, end = Number.POSITIVE_INFINITY, chunkSize = CHUNK_BYTES, signal }: ReadStreamOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (!(chunkSize >= 1)) throw new RangeError(`chunkSize: ${chunkSize} is no number of bytes`);
  let position = start;
  let left = end - (start ?? 0) + 1;
  let file: FileHandle | undefined;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          file ??= await open();
          const bytes = await files.call('readAt', [file.fd, Math.min(chunkSize, left), position ?? null], signal);
          if (position !== undefined) position += bytes.length;
          left -= bytes.length;
          if (bytes.length > 0) controller.enqueue(bytes);
          if (bytes.length > 0 && left > 0) return;
          await file.close();
          controller.close();
        } catch (error) {
          await file?.close().catch(() => {});
          throw error;
        }
      },
      cancel: () => file?.close(),
    },
    { highWaterMark: 0 },
  );
}

export function writeStream(
  files: FileCaller,
  open: () => Promise<FileHandle>,
  { start, signal }: { readonly start?: number; readonly signal?: AbortSignal },
): WritableStream<FileData> {
  let position = start;
  let file: FileHandle | undefined;
  const close = async (): Promise<void> => file?.close();
  return new WritableStream<FileData>({
    async start() {
      file = await open();
    },
    async write(chunk) {
      const bytes = dataOf(chunk);
      try {
        await files.call('writeAt', [file?.fd ?? -1, bytes, position ?? null], signal);
      } catch (error) {
        await close().catch(() => {});
        throw error;
      }
      if (position !== undefined) position += bytes.length;
    },
    close,
    abort: close,
  });
}
