// SPDX-License-Identifier: MIT
/**
 * Slots of the kernel's function table, handed out in blocks of one size and reused: the table can only grow.
 */

/** Blocks by which the table grows: each growth moves the whole table. */
const GROWTH = 64;

export class SlotBlocks {
  readonly #table: WebAssembly.Table;
  readonly #size: number;
  readonly #free: number[] = [];
  #blocks = 0;

  constructor(table: WebAssembly.Table, size: number) {
    this.#table = table;
    this.#size = size;
  }

  /** First slot of a free block. Throws a RangeError when the table can't grow. */
  take(): number {
    this.#blocks++;
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const first = this.#table.grow(this.#size * GROWTH);
    for (let block = GROWTH - 1; block > 0; block--) this.#free.push(first + block * this.#size);
    return first;
  }

  /** Slots that are in use. */
  get used(): number {
    return this.#blocks * this.#size;
  }

  give(first: number): void {
    this.#blocks--;
    // A function in a slot keeps its instance alive.
    for (let slot = first; slot < first + this.#size; slot++) this.#table.set(slot, null);
    this.#free.push(first);
  }
}
