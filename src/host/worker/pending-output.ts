// SPDX-License-Identifier: MIT
/**
 * Output that the Worker has collected and not posted yet (guest-channels.ts). In memory that the main thread shares, where the
 * host has such (Node has, a page without special headers has not), what a guest has written is not lost when its Worker is
 * terminated in the middle of a computation that never suspended.
 *
 * The memory begins with the number of bytes in use; then follow records of a channel (1 byte), a length (4 bytes) and the data.
 */
import { CHANNEL_WINDOW, type OutputChannel, type OutputPiece } from './protocol.ts';

const LENGTH_BYTES = 4;
const HEADER_BYTES = 1 + LENGTH_BYTES;
/** Two windows full of output, and some headers. */
const CAPACITY = 2 * CHANNEL_WINDOW + 4096;

/** Size of the memory. */
export const PENDING_BYTES = LENGTH_BYTES + CAPACITY;

export class PendingOutput {
  readonly #used: Int32Array;
  readonly #data: DataView;
  readonly #bytes: Uint8Array;
  /** Where the last record begins; negative when there is none. */
  #last = -1;

  /** In memory of PENDING_BYTES: zeros, or what the other thread's one has put there. */
  constructor(memory: ArrayBufferLike = new ArrayBuffer(PENDING_BYTES)) {
    this.#used = new Int32Array(memory, 0, 1);
    this.#data = new DataView(memory, LENGTH_BYTES);
    this.#bytes = new Uint8Array(memory, LENGTH_BYTES);
  }

  /** Adds bytes, to the last record when that is of the same channel. False when there is no room. */
  add(channel: OutputChannel, bytes: Uint8Array): boolean {
    const used = Atomics.load(this.#used, 0);
    const continues = this.#last >= 0 && this.#data.getUint8(this.#last) === channel;
    const at = continues ? used : used + HEADER_BYTES;
    if (at + bytes.length > CAPACITY) return false;
    this.#bytes.set(bytes, at);
    if (!continues) {
      this.#last = used;
      this.#data.setUint8(used, channel);
    }
    this.#data.setUint32(this.#last + 1, at + bytes.length - this.#last - HEADER_BYTES);
    // Last: a Worker that ends before has added nothing.
    Atomics.store(this.#used, 0, at + bytes.length);
    return true;
  }

  /** Takes everything out, in the order in which it was added. */
  take(): OutputPiece[] {
    const pieces: OutputPiece[] = [];
    const used = Atomics.load(this.#used, 0);
    for (let at = 0; at < used; ) {
      const begin = at + HEADER_BYTES;
      const end = Math.min(begin + this.#data.getUint32(at + 1), used);
      pieces.push({ channel: this.#data.getUint8(at) as OutputChannel, data: this.#bytes.slice(begin, end) });
      at = end;
    }
    Atomics.store(this.#used, 0, 0);
    this.#last = -1;
    return pieces;
  }
}
