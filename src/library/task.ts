// SPDX-License-Identifier: MIT
/** A Linux process whose code is TypeScript: its system calls. Made by Linux.task. */
import type { RemoteCaller } from '../host/worker/remote.ts';
import type { MachineService } from '../task/service.ts';
import type { SystemCallName } from '../task/system-call-name.ts';
import type { CallArgument, CallResult } from '../task/user-task.ts';

const AT_FDCWD = -100;
const O_CLOEXEC = 0o2000000;
/** Of the flags of open(2), by the letters of fopen(3). */
const MODES = { r: 0, 'r+': 2, w: 0o1101, 'w+': 0o1102, a: 0o2101, 'a+': 0o2102 } as const;
/** Bytes that one call of read moves at most. */
const MOST = 128 * 1024;

export class LinuxTask {
  readonly pid: number;
  readonly #service: RemoteCaller<MachineService>;
  readonly #signal: AbortSignal | undefined;

  constructor(service: RemoteCaller<MachineService>, pid: number, signal: AbortSignal | undefined) {
    this.#service = service;
    this.pid = pid;
    this.#signal = signal;
  }

  /**
   * Any system call, by the kernel's name (`openat`, `statx`, `clock_nanosleep_time64`). A string is passed as the address of its
   * bytes and a NUL, bytes as the address of a copy, a bigint as two words, and `{ out: n }` as the address of n bytes that come
   * back. Throws LinuxError. Arguments and results together have 256 KiB at most.
   */
  call(name: SystemCallName, ...args: readonly CallArgument[]): Promise<CallResult> {
    return this.#service.call('call', [this.pid, name, args], this.#signal);
  }

  /** open(2); a descriptor. */
  async open(path: string, mode: keyof typeof MODES = 'r', permissions = 0o666): Promise<number> {
    return (await this.call('openat', AT_FDCWD, path, MODES[mode] | O_CLOEXEC, permissions)).result;
  }

  /** read(2): what there is, at most `length` bytes; empty at the end. */
  async read(descriptor: number, length = MOST): Promise<Uint8Array<ArrayBuffer>> {
    const most = Math.min(length, MOST);
    const { result, outs } = await this.call('read', descriptor, { out: most }, most);
    return (outs[0] ?? new Uint8Array()).subarray(0, result);
  }

  /** write(2), until all is written. */
  async write(descriptor: number, data: Uint8Array | string): Promise<void> {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.slice(at, at + MOST);
      at += (await this.call('write', descriptor, part, part.length)).result;
    }
  }

  async close(descriptor: number): Promise<void> {
    await this.call('close', descriptor);
  }

  async getpid(): Promise<number> {
    return (await this.call('getpid')).result;
  }

  async chdir(path: string): Promise<void> {
    await this.call('chdir', path);
  }

  /** pipe2(2): the reading and the writing end. */
  async pipe(): Promise<readonly [reading: number, writing: number]> {
    const { outs } = await this.call('pipe2', { out: 8 }, O_CLOEXEC);
    const view = new DataView((outs[0] ?? new Uint8Array(8)).buffer);
    return [view.getInt32(0, true), view.getInt32(4, true)];
  }

  /** kill(2) by number. */
  async kill(pid: number, signal: number): Promise<void> {
    await this.call('kill', pid, signal);
  }

  /** clock_nanosleep(2) on the monotonic clock. */
  async sleep(milliseconds: number): Promise<void> {
    const time = new DataView(new ArrayBuffer(16));
    time.setBigInt64(0, BigInt(Math.floor(milliseconds / 1000)), true);
    time.setBigInt64(8, BigInt(Math.round((milliseconds % 1000) * 1e6)), true);
    await this.call('clock_nanosleep_time64', 1, 0, new Uint8Array(time.buffer), 0);
  }
}
