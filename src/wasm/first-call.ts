// SPDX-License-Identifier: MIT
/**
 * Where a function commits itself to call something: the latest place, outside of loops, that every way to one of its calls goes
 * through. Recursion is charged there (safepoints.ts), so that activations which call nothing, half of all in a tree, pay nothing.
 * Fed by loops.ts while it reads a function's code.
 */

interface Opened {
  readonly start: number;
  readonly isLoop: boolean;
  /** Where the arm with the first call ends. */
  end: number;
}

export class FirstCall {
  readonly #open: Opened[] = [];
  #path: readonly Opened[] = [];
  #first: number | undefined;
  #last = 0;

  open(start: number, isLoop: boolean): void {
    this.#open.push({ start, isLoop, end: Infinity });
  }

  nextArm(at: number): void {
    const top = this.#open[this.#open.length - 1];
    if (top && this.#first !== undefined) top.end = Math.min(top.end, at);
  }

  close(at: number): void {
    this.nextArm(at);
    this.#open.pop();
  }

  call(at: number): void {
    this.#last = at;
    if (this.#first !== undefined) return;
    this.#first = at;
    this.#path = [...this.#open];
  }

  /** Outside of all loops, and of each block that other calls lie behind. */
  get position(): number | undefined {
    const depth = this.#path.findIndex(({ isLoop, end }) => isLoop || end <= this.#last);
    return depth < 0 ? this.#first : this.#path[depth]?.start;
  }
}
