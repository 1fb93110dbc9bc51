// SPDX-License-Identifier: MIT
/**
 * Work in pieces, each of a fraction of a millisecond: passes over large modules, which the loader (src/process) runs on the only
 * thread of a machine, where others want to run meanwhile. Who has the thread for itself calls finish().
 */

/** Does a piece at each next(), and ends with the result. */
export type Steps<T> = Generator<undefined, T>;

export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Bytes of code, or entries of a list, in a piece. */
const PIECE_BYTES = 32 << 10;
const PIECE_ENTRIES = 1024;

/** Says when a piece is done, of work that goes through bytes or a list. */
export class Pace {
  readonly #piece: number;
  #begin = 0;

  constructor(what: 'bytes' | 'entries') {
    this.#piece = what === 'bytes' ? PIECE_BYTES : PIECE_ENTRIES;
  }

  isDone(position: number): boolean {
    if (position - this.#begin < this.#piece) return false;
    this.#begin = position;
    return true;
  }
}
