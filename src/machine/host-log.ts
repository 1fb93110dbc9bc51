// SPDX-License-Identifier: MIT
/**
 * The host's log: why a program was not run, and the like. What programs cause must not flood who reads it, nor speak to their
 * terminal.
 */

import { printable } from '../process/printable.ts';

/** So many lines in so many nanoseconds; further ones are counted only. */
const LINES = 1000;
const INTERVAL_NS = 5e9;
/** Characters of a line. */
const LONGEST = 1000;

export class HostLog {
  readonly #sink: ((line: string) => void) | undefined;
  readonly #clock: { monotonic(): number };
  #since = 0;
  #lines = 0;

  constructor(sink: ((line: string) => void) | undefined, clock: { monotonic(): number }) {
    this.#sink = sink;
    this.#clock = clock;
  }

  add(line: string): void {
    const now = this.#clock.monotonic();
    if (now - this.#since > INTERVAL_NS) {
      if (this.#lines > LINES) this.#sink?.(`${this.#lines - LINES} more lines were not shown`);
      this.#since = now;
      this.#lines = 0;
    }
    if (++this.#lines <= LINES) this.#sink?.(printable(line.slice(0, LONGEST)));
  }
}
