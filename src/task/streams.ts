// SPDX-License-Identifier: MIT
/**
 * Pipes, terminals and the like, whose descriptors the pool's process has and which are O_NONBLOCK: reads and writes them, and waits
 * for them without a task each. One task waits for all by epoll(7), as long as there is anything to wait for.
 */
import { BufferWriter } from './arguments.ts';
import { checked, O_CLOEXEC } from './descriptors.ts';
import { isError } from './host-task.ts';
import { LinuxError } from './linux-error.ts';
import { Syscall } from './syscall-numbers.ts';
import type { TaskPool } from './task-pool.ts';

const EINTR = 4;
const EAGAIN = 11;
const ENOENT = 2;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_MOD = 3;
const EPOLLONESHOT = 1 << 30;
/** EPOLLIN, and EPOLLOUT; errors and hang-ups are told in any case. */
const READY = { read: 1, write: 4 } as const;
/** struct epoll_event: events, and at 8 a number that is ours, of 64 bits. */
const EVENT_BYTES = 16;
const EVENT_NUMBER = 8;
const MOST_EVENTS = 64;

type Direction = keyof typeof READY;
/** Who waits for a descriptor. */
type Waiting = { [Name in Direction]?: () => void };

export class Streams {
  readonly #pool: TaskPool;
  readonly #waiting = new Map<number, Waiting>();
  /** The descriptor of the epoll instance. */
  #epoll: Promise<number> | undefined;
  #isWaiting = false;

  constructor(pool: TaskPool) {
    this.#pool = pool;
  }

  /** What the descriptor has, once it has something, at most what a task's buffer holds; empty at its end. A copy. */
  async read(descriptor: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      signal?.throwIfAborted();
      const bytes = await this.#pool.use(async (task) => {
        const length = await task.call(Syscall.read, descriptor, task.buffer, task.bufferBytes);
        if (length === -EAGAIN || length === -EINTR) return undefined;
        if (isError(length)) throw new LinuxError(-length, 'read');
        return new Uint8Array(task.bytes.subarray(task.buffer, task.buffer + length));
      });
      if (bytes) return bytes;
      await this.#ready(descriptor, 'read', signal);
    }
  }

  /** Writes all bytes, waiting for room. */
  async write(descriptor: number, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      signal?.throwIfAborted();
      const length = await this.#pool.use((task) => {
        const part = bytes.subarray(at, at + task.bufferBytes);
        task.bytes.set(part, task.buffer);
        return task.call(Syscall.write, descriptor, task.buffer, part.length);
      });
      if (length === -EAGAIN || length === -EINTR) await this.#ready(descriptor, 'write', signal);
      else if (isError(length)) throw new LinuxError(-length, 'write');
      else at += length;
    }
  }

  async close(descriptor: number): Promise<void> {
    // Who waits for it finds out that it is gone: epoll forgets it without a word.
    const waiting = this.#waiting.get(descriptor);
    this.#waiting.delete(descriptor);
    await this.#pool.use((task) => checked('close', task.call(Syscall.close, descriptor)));
    waiting?.read?.();
    waiting?.write?.();
  }

  /** Resolves when the call may succeed. One waits for each direction of a descriptor. */
  async #ready(descriptor: number, direction: Direction, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // An abort may come before anybody waits for it: nobody would hear of it, and the machine's thread would die of that.
    promise.catch(() => {});
    const waiting = this.#waiting.get(descriptor) ?? {};
    waiting[direction] = resolve;
    this.#waiting.set(descriptor, waiting);
    const abort = (): void => {
      if (waiting[direction] === resolve) delete waiting[direction];
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort);
    try {
      await this.#arm(descriptor, waiting);
      await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Has epoll tell, once, of what somebody waits for. */
  async #arm(descriptor: number, waiting: Waiting): Promise<void> {
    this.#epoll ??= this.#pool.use((task) => checked('epoll_create1', task.call(Syscall.epoll_create1, O_CLOEXEC)));
    const epoll = await this.#epoll;
    const events = (waiting.read ? READY.read : 0) | (waiting.write ? READY.write : 0) | EPOLLONESHOT;
    await this.#pool.use(async (task) => {
      const event = new BufferWriter(task).words([events, 0, descriptor, 0]);
      const changed = await task.call(Syscall.epoll_ctl, epoll, EPOLL_CTL_MOD, descriptor, event);
      if (changed !== -ENOENT) await checked('epoll_ctl', Promise.resolve(changed));
      else await checked('epoll_ctl', task.call(Syscall.epoll_ctl, epoll, EPOLL_CTL_ADD, descriptor, event));
    });
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    // Its end is the machine's.
    this.#wait(epoll).catch(() => {});
  }

  /** Wakes who waits, as long as there is anybody. */
  async #wait(epoll: number): Promise<void> {
    await this.#pool.use(async (task) => {
      while (this.#waiting.size > 0) {
        const count = await task.call(Syscall.epoll_pwait, epoll, task.buffer, MOST_EVENTS, -1, 0, 0);
        if (count === -EINTR) continue;
        if (isError(count)) throw new LinuxError(-count, 'epoll_pwait');
        const { buffer, byteOffset } = task.bytes;
        const view = new DataView(buffer, byteOffset + task.buffer, MOST_EVENTS * EVENT_BYTES);
        for (let at = 0; at < count * EVENT_BYTES; at += EVENT_BYTES) {
          this.#tell(view.getUint32(at + EVENT_NUMBER, true), view.getUint32(at, true));
        }
      }
    });
    this.#isWaiting = false;
  }

  #tell(descriptor: number, events: number): void {
    const waiting = this.#waiting.get(descriptor);
    if (!waiting) return;
    // What is neither is an error or a hang-up, for both.
    const both = (events & (READY.read | READY.write)) === 0;
    for (const direction of ['read', 'write'] as const) {
      if (!both && !(events & READY[direction])) continue;
      waiting[direction]?.();
      delete waiting[direction];
    }
    if (!waiting.read && !waiting.write) this.#waiting.delete(descriptor);
    else void this.#arm(descriptor, waiting).catch(() => {});
  }
}
