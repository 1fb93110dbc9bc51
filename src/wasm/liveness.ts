// SPDX-License-Identifier: MIT
/**
 * Which locals are live behind each of some instructions: whose values may still be read. The usual backward data flow, on
 * structured code: one walk, but for loops, whose bodies are walked again until what is live at their header does not change.
 */

import type { Block, Code } from './code.ts';
import { OP } from './instructions.ts';

/** A set of locals, one bit each. */
class Locals {
  readonly words: Uint32Array;

  constructor(words: Uint32Array) {
    this.words = words;
  }

  copy(): Locals {
    return new Locals(this.words.slice());
  }

  add(local: number): void {
    this.words[local >>> 5] = (this.words[local >>> 5] as number) | (1 << (local & 31));
  }

  remove(local: number): void {
    this.words[local >>> 5] = (this.words[local >>> 5] as number) & ~(1 << (local & 31));
  }

  unite({ words }: Locals): void {
    for (let i = 0; i < words.length; i++) this.words[i] = (this.words[i] as number) | (words[i] as number);
  }

  equals({ words }: Locals): boolean {
    return this.words.every((word, i) => word === words[i]);
  }

  list(): number[] {
    const locals: number[] = [];
    for (const [index, word] of this.words.entries()) {
      for (let rest = word; rest !== 0; rest &= rest - 1) locals.push(index * 32 + 31 - Math.clz32(rest & -rest));
    }
    return locals;
  }
}

class Liveness {
  readonly #code: Code;
  readonly #none: Locals;
  /** Of each block: what is live where its label is. */
  readonly #atLabel = new Map<Block, Locals>();
  /** Of each instruction that was asked for: what is live behind it. */
  readonly #behind: Map<number, Locals>;

  constructor(code: Code, locals: number, wanted: Iterable<number>) {
    this.#code = code;
    this.#none = new Locals(new Uint32Array((locals + 31) >>> 5));
    this.#behind = new Map([...wanted].map((index) => [index, this.#none]));
  }

  run(): Map<number, readonly number[]> {
    const { root } = this.#code;
    this.#atLabel.set(root, this.#none);
    this.#walk(root.end - 1, -1, this.#none.copy(), []);
    return new Map([...this.#behind].map(([index, locals]) => [index, locals.list()]));
  }

  #label(block: Block): Locals {
    return this.#atLabel.get(block) ?? this.#none;
  }

  /** Walks from one instruction back to another, which is not walked; tries: the try_tables around. Returns what is live there. */
  #walk(from: number, to: number, liveBehind: Locals, tries: readonly Block[]): Locals {
    const { instructions } = this.#code;
    let live = liveBehind;
    const mayThrow = (): void => {
      for (const block of tries) for (const { target } of block.handlers) live.unite(this.#label(target));
    };
    for (let index = from; index > to; index--) {
      const instruction = instructions[index];
      if (!instruction) break;
      const { op, value, block, targets } = instruction;
      // what handlers need is live behind a call too: it may be made again and throw
      if (op === OP.call || op === OP.callIndirect) mayThrow();
      if (op === OP.returnCall || op === OP.returnCallIndirect) live = this.#none.copy();
      if (this.#behind.has(index)) this.#behind.set(index, live.copy());
      switch (op) {
        case OP.end:
          if (block) {
            live = this.#block(block, live, tries);
            index = block.begin;
          }
          break;
        case OP.br:
        case OP.brTable:
          live = this.#none.copy();
          for (const target of targets) live.unite(this.#label(target));
          break;
        case OP.brIf:
          for (const target of targets) live.unite(this.#label(target));
          break;
        case OP.return:
        case OP.unreachable:
          live = this.#none.copy();
          break;
        case OP.throw:
        case OP.throwRef:
          live = this.#none.copy();
          mayThrow();
          break;
        case OP.localGet:
          live.add(value);
          break;
        case OP.localSet:
        case OP.localTee:
          live.remove(value);
          break;
      }
    }
    return live;
  }

  /** What is live before a block, when `live` is behind it. */
  #block(block: Block, live: Locals, tries: readonly Block[]): Locals {
    if (block.op === OP.loop) {
      // what an earlier walk has found is still true
      for (;;) {
        const assumed = this.#label(block);
        const found = this.#walk(block.end - 1, block.begin, live.copy(), tries);
        found.unite(assumed);
        if (found.equals(assumed)) return found;
        this.#atLabel.set(block, found);
      }
    }
    this.#atLabel.set(block, live.copy());
    if (block.op === OP.tryTable) return this.#walk(block.end - 1, block.begin, live, [...tries, block]);
    if (block.op !== OP.if) return this.#walk(block.end - 1, block.begin, live, tries);
    if (block.otherwise < 0) {
      const skipped = live.copy();
      skipped.unite(this.#walk(block.end - 1, block.begin, live, tries));
      return skipped;
    }
    const otherwise = this.#walk(block.end - 1, block.otherwise, live.copy(), tries);
    otherwise.unite(this.#walk(block.otherwise - 1, block.begin, live, tries));
    return otherwise;
  }
}

/** Of each wanted instruction, by index: the locals that are live behind it. */
export function liveLocals(code: Code, locals: number, wanted: Iterable<number>): Map<number, readonly number[]> {
  return new Liveness(code, locals, wanted).run();
}
