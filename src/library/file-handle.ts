// SPDX-License-Identifier: MIT
/** An open file of the guest, in the shape of node:fs/promises' FileHandle. Made by LinuxFs.open. */
import type { RemoteCaller } from '../host/worker/remote.ts';
import type { MachineService } from '../task/service.ts';
import { Stats } from './stats.ts';

/** Bytes of one request of a stream: the hop between the threads costs as much as 100 KiB. */
const STREAM_CHUNK = 1 << 20;

export class FileHandle implements AsyncDisposable {
  /** A descriptor of the process whose threads work for the library. */
  readonly fd: number;
  readonly #service: RemoteCaller<MachineService>;
  #isClosed = false;

  constructor(service: RemoteCaller<MachineService>, fd: number) {
    this.#service = service;
    this.fd = fd;
  }

  /** Up to `length` bytes (default 16 KiB); fewer at the end. position: default where the file stands. */
  async read(
    length = 16384,
    position: number | null = null,
  ): Promise<{ bytesRead: number; buffer: Uint8Array<ArrayBuffer> }> {
    const buffer = await this.#service.call('readAt', [this.fd, length, position]);
    return { bytesRead: buffer.length, buffer };
  }

  /** Writes all of it. */
  async write(data: Uint8Array | string, position: number | null = null): Promise<{ bytesWritten: number }> {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    await this.#service.call('writeAt', [this.fd, bytes, position]);
    return { bytesWritten: bytes.length };
  }

  async stat(): Promise<Stats> {
    return new Stats(await this.#service.call('statFile', [this.fd]));
  }

  async truncate(length = 0): Promise<void> {
    await this.#service.call('truncateFile', [this.fd, length]);
  }

  async chmod(mode: number): Promise<void> {
    await this.#service.call('chmodFile', [this.fd, mode]);
  }

  async sync(): Promise<void> {
    await this.#service.call('syncFile', [this.fd, false]);
  }

  async datasync(): Promise<void> {
    await this.#service.call('syncFile', [this.fd, true]);
  }

  /** What is left of it, part by part as it is taken; closes it at the end. */
  readableWebStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async (controller) => {
          const { buffer } = await this.read(STREAM_CHUNK);
          if (buffer.length > 0) controller.enqueue(buffer);
          else {
            controller.close();
            await this.close();
          }
        },
        cancel: () => this.close(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Writes what comes, one after the other; closes it at the end. */
  writableWebStream(): WritableStream<Uint8Array | string> {
    return new WritableStream<Uint8Array | string>({
      write: async (chunk) => {
        await this.write(chunk);
      },
      close: () => this.close(),
      abort: () => this.close(),
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#service.call('close', [this.fd]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
