// SPDX-License-Identifier: MIT
/**
 * A table by task. Stacks looks into it at each switch, where a Map costs as much as V8's whole change of stacks: this is an
 * array of arrays, of which two loads find a task.
 */

/** No two tasks' addresses are nearer to each other (2^10; kernel/process.c makes sure of it). */
const TASK_SHIFT = 10;
const PAGE_SHIFT = 10;
const PAGE_MASK = (1 << PAGE_SHIFT) - 1;

export class TaskTable<T> {
  /** Pages by the upper bits of the address; made when first written to. */
  #pages: (T | undefined)[][] = [];

  get(task: number): T | undefined {
    return this.#pages[task >>> (TASK_SHIFT + PAGE_SHIFT)]?.[(task >>> TASK_SHIFT) & PAGE_MASK];
  }

  set(task: number, value: T | undefined): void {
    const page = this.#pages[task >>> (TASK_SHIFT + PAGE_SHIFT)] ?? this.#addPage(task);
    page[(task >>> TASK_SHIFT) & PAGE_MASK] = value;
  }

  /** All that are there. */
  values(): T[] {
    return this.#pages.flat().filter((value) => value !== undefined);
  }

  clear(): void {
    this.#pages = [];
  }

  #addPage(task: number): (T | undefined)[] {
    const number = task >>> (TASK_SHIFT + PAGE_SHIFT);
    // Without holes: an array with holes, or one that grows by an index far beyond its end, is slower.
    while (this.#pages.length < number) this.#pages.push([]);
    const page = new Array<T | undefined>(1 << PAGE_SHIFT).fill(undefined);
    this.#pages[number] = page;
    return page;
  }
}
