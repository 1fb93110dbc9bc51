// SPDX-License-Identifier: MIT
/**
 * The custom section metadata.code.branch_hint: which branches are likely to be taken (WebAssembly's branch hinting proposal).
 * Read and written by passes that insert code, since its offsets count from the beginning of each function's body.
 */

import { Reader, Writer } from './binary.ts';
import { findCustomSection, SECTION, type Section } from './module.ts';

const NAME = 'metadata.code.branch_hint';

export interface BranchHint {
  /** Of the branch instruction, from where the declarations of the function's locals begin. */
  readonly offset: number;
  /** 1: likely taken, 0: likely not. */
  readonly likely: number;
}

/** By function index. */
export function readBranchHints(sections: readonly Section[]): Map<number, BranchHint[]> {
  const payload = findCustomSection(sections, NAME)?.payload;
  const hints = new Map<number, BranchHint[]>();
  if (!payload) return hints;
  new Reader(payload).vector((reader) => {
    const index = reader.u32();
    const list = reader.vector(() => {
      const offset = reader.u32();
      reader.u32(); // the size of what follows: 1
      return { offset, likely: reader.byte() };
    });
    hints.set(index, list);
  });
  return hints;
}

/** The sections with these hints only; each function's in the order of their offsets. */
export function withBranchHints(
  sections: readonly Section[],
  hints: ReadonlyMap<number, readonly BranchHint[]>,
): Section[] {
  const others = sections.filter(({ id, name }) => id !== SECTION.custom || name !== NAME);
  const indices = [...hints.keys()].filter((index) => hints.get(index)?.length).sort((a, b) => a - b);
  if (indices.length === 0) return others;
  const writer = new Writer().u32(indices.length);
  for (const index of indices) {
    const list = hints.get(index) ?? [];
    writer.u32(index).u32(list.length);
    for (const { offset, likely } of list) writer.u32(offset).u32(1).byte(likely);
  }
  // The section must come before the code.
  const code = others.findIndex(({ id }) => id === SECTION.code);
  return others.toSpliced(code, 0, { id: SECTION.custom, name: NAME, payload: writer.finish() });
}
