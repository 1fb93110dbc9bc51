// SPDX-License-Identifier: MIT
/**
 * The lines of a trace. A call's line is begun when the call begins, so that one sees what a task waits for, and ended when it
 * returns; when another task's line comes in between, it is left <unfinished ...> and taken up again with <... NAME resumed>.
 */

/** Where results begin, as strace has it. */
const RESULT_COLUMN = 40;

export class Lines<Owner> {
  readonly #write: (text: string) => void;
  readonly #prefixOf: (owner: Owner) => string;
  #open: Owner | undefined;
  #column = 0;

  constructor(write: (text: string) => void, prefixOf: (owner: Owner) => string) {
    this.#write = write;
    this.#prefixOf = prefixOf;
  }

  /** Begins the line of a call: `read(3, `. */
  begin(owner: Owner, text: string): void {
    this.interrupt();
    this.#put(this.#prefixOf(owner) + text);
    this.#open = owner;
  }

  /** Ends it: `"abc", 10)` and ` = 3`. name: for the case that it has been interrupted. */
  end(owner: Owner, name: string, rest: string, result: string): void {
    if (this.#open !== owner) {
      this.interrupt();
      this.#put(`${this.#prefixOf(owner)}<... ${name} resumed>`);
    }
    this.#open = undefined;
    this.#put(rest);
    this.#finish(`${' '.repeat(Math.max(1, RESULT_COLUMN - this.#column))}= ${result}`);
  }

  /** A whole line. */
  line(owner: Owner, text: string): void {
    this.interrupt();
    this.#finish(this.#prefixOf(owner) + text);
  }

  /** Leaves the open line, if there is one. */
  interrupt(): void {
    if (this.#open === undefined) return;
    this.#open = undefined;
    this.#finish(' <unfinished ...>');
  }

  #put(text: string): void {
    this.#write(text);
    this.#column += text.length;
  }

  #finish(text: string): void {
    this.#write(`${text}\n`);
    this.#column = 0;
  }
}
