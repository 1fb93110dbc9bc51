// SPDX-License-Identifier: MIT
/**
 * The Worker's ends of the channels (protocol.ts): what the machine's devices read from and write to without waiting.
 * Results are Linux's: a count, 0 at the end of input, or a negative errno.
 */
import { Errno, Poll, type StreamDevice } from '../../machine/devices.ts';
import { PendingOutput } from './pending-output.ts';
import { CHANNEL_WINDOW, type OutputChannel, type OutputPiece } from './protocol.ts';

/** Bytes on their way into the guest. */
export class GuestInput implements StreamDevice {
  readonly #grant: (bytes: number) => void;
  readonly #chunks: Uint8Array[] = [];
  /** Bytes of the first chunk that have been read. */
  #offset = 0;
  /** Bytes that the window has room for and that have not been asked for yet. Nothing is asked for before the first read. */
  #room = CHANNEL_WINDOW;
  #ended = false;
  #errno = 0;

  constructor(grant: (bytes: number) => void) {
    this.#grant = grant;
  }

  read(target: Uint8Array): number {
    if (target.length === 0) return 0;
    let count = 0;
    for (let head = this.#chunks[0]; head && count < target.length; head = this.#chunks[0]) {
      const part = head.subarray(this.#offset, this.#offset + target.length - count);
      target.set(part, count);
      count += part.length;
      this.#offset += part.length;
      if (this.#offset === head.length) {
        this.#chunks.shift();
        this.#offset = 0;
      }
    }
    this.#room += count;
    this.#ask();
    if (count > 0) return count;
    return this.#ended ? 0 - this.#errno : -Errno.EAGAIN;
  }

  poll(): number {
    this.#ask();
    if (this.#chunks.length > 0) return Poll.In;
    if (!this.#ended) return 0;
    return Poll.In | Poll.Hup | (this.#errno ? Poll.Err : 0);
  }

  accept(data: Uint8Array): void {
    if (data.length > 0) this.#chunks.push(data);
  }

  end(errno: number): void {
    this.#ended = true;
    this.#errno = errno;
  }

  /** Asks for more when half the window is free: one message for many small reads. */
  #ask(): void {
    if (this.#ended || this.#room < CHANNEL_WINDOW / 2) return;
    this.#grant(this.#room);
    this.#room = 0;
  }
}

/** Messages that are posted without delay in one period, and the period's milliseconds. Each costs about 10 µs. */
const PROMPT_POSTS = 16;
const PERIOD = 4;

/**
 * Posts output, the order over all channels kept. The first pieces of a period go at once: a program that then computes without
 * a system call would hold up everything that waits for a turn. When there are more, they are collected until the running
 * stack suspends, so that a program that writes byte by byte does not pay for a message each time.
 */
export class OutputBatch {
  readonly #post: (pieces: OutputPiece[]) => void;
  readonly #pending: PendingOutput;
  #isTurnDue = false;
  #promptPosts = 0;
  #periodBegan = 0;

  constructor(post: (pieces: OutputPiece[]) => void, pending = new PendingOutput()) {
    this.#post = post;
    this.#pending = pending;
  }

  /** At most a window at a time. */
  add(channel: OutputChannel, bytes: Uint8Array): void {
    if (!this.#pending.add(channel, bytes)) {
      this.flush();
      this.#pending.add(channel, bytes);
    }
    if (this.#promptPosts < PROMPT_POSTS) {
      this.#promptPosts++;
      this.flush();
    }
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    queueMicrotask(() => this.#turn());
  }

  flush(): void {
    const pieces = this.#pending.take();
    if (pieces.length > 0) this.#post(pieces);
  }

  #turn(): void {
    this.#isTurnDue = false;
    this.flush();
    const now = performance.now();
    if (now - this.#periodBegan < PERIOD) return;
    this.#periodBegan = now;
    this.#promptPosts = 0;
  }
}

/** Bytes on their way out of the guest. */
export class GuestOutput implements StreamDevice {
  readonly #batch: OutputBatch;
  readonly #channel: OutputChannel;
  #credit = CHANNEL_WINDOW;
  #errno = 0;

  constructor(batch: OutputBatch, channel: OutputChannel) {
    this.#batch = batch;
    this.#channel = channel;
  }

  write(bytes: Uint8Array): number {
    if (this.#errno) return -this.#errno;
    const taken = bytes.subarray(0, Math.max(0, this.#credit));
    if (taken.length === 0) return bytes.length === 0 ? 0 : -Errno.EAGAIN;
    this.#credit -= taken.length;
    this.#batch.add(this.#channel, taken);
    return taken.length;
  }

  poll(): number {
    if (this.#errno) return Poll.Out | Poll.Err;
    return this.#credit > 0 ? Poll.Out : 0;
  }

  grant(bytes: number): void {
    this.#credit += bytes;
  }

  end(errno: number): void {
    this.#errno = errno;
  }
}
