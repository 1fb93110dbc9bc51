// SPDX-License-Identifier: MIT
/**
 * Puts a program's imported functions into the order of a list.
 *
 * Why: docs/abi.md fixes the order, which native translations of a module (wasm2c) make parameters of. wasm-ld has them in the order in
 * which the objects name them: that of the list as long as only libc names them.
 *
 *   before  (import "env" "preempt" (func $p)) (import "env" "syscall" (func $s))   call $p (0)
 *   after   (import "env" "syscall" (func $s)) (import "env" "preempt" (func $p))   call $p (1)
 *
 * No code moves, for the indices keep their lengths.
 */

import { Writer } from './binary.ts';
import { EXTERNAL, readImports, SECTION, type Section, sectionReader, skipLimits } from './module.ts';
import { withMovedFunctions } from './move-functions.ts';
import { withSection } from './sections.ts';

/** Each import's bytes, in the module's order. */
function importBytes(sections: readonly Section[]): Uint8Array[] {
  return sectionReader(sections, SECTION.import).vector((reader) => {
    const begin = reader.position;
    reader.text();
    reader.text();
    const kind = reader.byte();
    if (kind === EXTERNAL.function) reader.u32();
    else if (kind === EXTERNAL.memory) skipLimits(reader);
    else if (kind === EXTERNAL.table) {
      reader.byte();
      skipLimits(reader);
    } else {
      // a global has a type and a flag, a tag an attribute and a type
      reader.byte();
      reader.u32();
    }
    return reader.bytes.subarray(begin, reader.position);
  });
}

/** order: names; others keep their order behind them. */
export function withOrderedImports(sections: readonly Section[], order: readonly string[]): readonly Section[] {
  const all = importBytes(sections);
  const functions = readImports(sections).flatMap(({ kind, name }, at) => {
    const rank = order.indexOf(name);
    return kind === EXTERNAL.function ? [{ at, rank: rank < 0 ? order.length : rank }] : [];
  });
  const sorted = functions.toSorted((a, b) => a.rank - b.rank);
  if (sorted.every((each, index) => each === functions[index])) return sections;
  const newIndices = functions.map((each) => sorted.indexOf(each));
  const writer = new Writer().u32(all.length);
  for (const [at, bytes] of all.entries()) {
    const slot = functions.findIndex((each) => each.at === at);
    writer.put(slot < 0 ? bytes : (all[sorted[slot]?.at ?? at] ?? bytes));
  }
  const moved = (index: number): number => newIndices[index] ?? index;
  return withSection(withMovedFunctions(sections, { moved, keepsLengths: true }), SECTION.import, writer.finish());
}
