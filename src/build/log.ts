// SPDX-License-Identifier: MIT
/** The log of one run of a step: everything that its commands print, in build/log/<step>.log, and the end of it in memory. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Lines kept for an error's report. */
const TAIL_LINES = 25;

export class StepLog {
  readonly path: string;
  readonly #file: number;
  #tail: string[] = [];

  /** Begins the file anew: the log of the last run only. */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.path = path;
    this.#file = openSync(path, 'w');
  }

  line(text: string): void {
    writeSync(this.#file, `${text}\n`);
    if (this.#tail.push(text) > 2 * TAIL_LINES) this.#tail = this.#tail.slice(-TAIL_LINES);
  }

  /** The last lines. */
  tail(): string[] {
    return this.#tail.slice(-TAIL_LINES);
  }

  close(): void {
    closeSync(this.#file);
  }
}
