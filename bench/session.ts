// SPDX-License-Identifier: MIT
/** One running program of bench/programs, native or in a guest, that is asked for one round of a row at a time (serve.c). */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** No round takes nearly as long: a program that says nothing for so many milliseconds hangs. */
const PATIENCE = 60_000;

/** A program that has failed; the message says which, where and why. */
export class SessionError extends Error {}

export class Session {
  readonly #label: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers: AsyncIterator<string>;
  readonly #closed: Promise<unknown>;
  #complaints = '';

  /** Starts a command that speaks serve.c's language; `label` is what a failure calls it. */
  constructor(label: string, command: string, args: readonly string[]) {
    this.#label = label;
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    this.#closed = once(this.#child, 'close').catch((error: Error) => {
      this.#complaints += error.message;
    });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Lets the program do n operations of a row; resolves to the nanoseconds of one. Rejects with a SessionError. */
  async round(row: string, n: number): Promise<number> {
    this.#child.stdin.write(`${n} ${row}\n`);
    let hangs = false;
    const watchdog = setTimeout(() => {
      hangs = true;
      this.#child.kill('SIGKILL');
    }, PATIENCE);
    const { value, done } = await this.#answers.next();
    clearTimeout(watchdog);
    const time = Number(value);
    if (!done && time > 0) return time / n;
    this.#child.kill('SIGKILL');
    await this.#closed;
    const why = hangs ? `no answer within ${PATIENCE / 1000} s` : this.#complaints.trim() || 'it has ended';
    throw new SessionError(`${row}, ${this.#label}: ${why}`);
  }

  /** Ends the program; resolves when it is gone. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    await this.#closed;
  }
}
