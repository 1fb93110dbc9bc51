// SPDX-License-Identifier: MIT
/**
 * The way of a trace out of the Worker: together with the guest's own output (OutputBatch), so that the order is kept and nothing
 * is lost when the Worker is ended. A trace is written in the middle of system calls, where nothing can wait for credit; so when
 * too much of it has not left the process yet, the whole Worker sleeps until the main thread has written some.
 */
import type { OutputBatch } from './guest-channels.ts';
import { CHANNEL_WINDOW, Channel } from './protocol.ts';

/** Bytes that may be under way. */
const MOST_UNWRITTEN = 1 << 20;

/** Size of the memory. */
export const UNWRITTEN_TRACE_BYTES = 4;

/** How many bytes of the trace are on their way, as both threads see it. */
export class UnwrittenTrace {
  readonly #bytes: Int32Array;

  /** In memory of UNWRITTEN_TRACE_BYTES that both threads share: zeros, or what the other thread's one has put there. */
  constructor(memory: SharedArrayBuffer) {
    this.#bytes = new Int32Array(memory);
  }

  /** In the Worker. */
  add(bytes: number): void {
    Atomics.add(this.#bytes, 0, bytes);
  }

  /** In the Worker: sleeps while there is too much. */
  waitForRoom(): void {
    for (let bytes = this.#load(); bytes > MOST_UNWRITTEN; bytes = this.#load()) Atomics.wait(this.#bytes, 0, bytes);
  }

  get isTooMuch(): boolean {
    return this.#load() > MOST_UNWRITTEN;
  }

  /** On the main thread: so many bytes have left the process, or never will. */
  written(bytes: number): void {
    Atomics.sub(this.#bytes, 0, bytes);
    Atomics.notify(this.#bytes, 0);
  }

  #load(): number {
    return Atomics.load(this.#bytes, 0);
  }
}

/** Takes the text of a trace, in the Worker. Where nothing is shared, the trace is not held back. */
export class TraceOutput {
  readonly #batch: OutputBatch;
  readonly #unwritten: UnwrittenTrace | undefined;
  readonly #encoder = new TextEncoder();

  constructor(batch: OutputBatch, unwritten: UnwrittenTrace | undefined) {
    this.#batch = batch;
    this.#unwritten = unwritten;
  }

  write(text: string): void {
    const bytes = this.#encoder.encode(text);
    for (let at = 0; at < bytes.length; at += CHANNEL_WINDOW) {
      const piece = bytes.subarray(at, at + CHANNEL_WINDOW);
      this.#unwritten?.add(piece.length);
      this.#batch.add(Channel.Trace, piece);
    }
    if (!this.#unwritten?.isTooMuch) return;
    this.#batch.flush();
    this.#unwritten.waitForRoom();
  }
}
