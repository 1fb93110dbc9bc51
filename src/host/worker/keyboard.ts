// SPDX-License-Identifier: MIT
/**
 * A keyboard as a source of input: what was typed, in order, and the escape, three Ctrl-] in a row, by which a user ends a
 * machine that listens to nothing else. Used by the terminal of each host.
 */
import type { InputSource } from './streams.ts';

const ESCAPE_BYTE = 0x1d; // Ctrl-]
const ESCAPE_LENGTH = 3;

export class Keyboard implements InputSource {
  readonly #onEscape: () => void;
  readonly #typed: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #escapes = 0;

  /** onEscape: called at the third Ctrl-] in a row, which the guest gets all the same. */
  constructor(onEscape: () => void) {
    this.#onEscape = onEscape;
  }

  type(bytes: Uint8Array): void {
    this.#typed.push(bytes);
    this.#wake?.();
    for (const byte of bytes) {
      this.#escapes = byte === ESCAPE_BYTE ? this.#escapes + 1 : 0;
      if (this.#escapes === ESCAPE_LENGTH) this.#onEscape();
    }
  }

  async read(): Promise<Uint8Array> {
    for (;;) {
      const bytes = this.#typed.shift();
      if (bytes) return bytes;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
