// SPDX-License-Identifier: MIT
/**
 * Clears the "shared" flag of the imported memory.
 *
 * Why: wasm-ld makes real thread-local storage (__wasm_init_tls, __tls_base) only under --shared-memory, but a process
 * runs on one JavaScript thread and gains nothing from a SharedArrayBuffer: unshared memories are cheaper to make and need
 * no cross-origin isolation in a page. Atomic instructions are valid on both kinds.
 *
 *   before  (import "env" "memory" (memory 3 16384 shared))
 *   after   (import "env" "memory" (memory 3 16384))
 *
 * One bit of the import section changes; sizes and offsets stay.
 */

import { EXTERNAL, LIMIT, readImports, SECTION, type Section } from './module.ts';

export function unshareMemory(sections: readonly Section[]): Section[] {
  return sections.map((section) => {
    if (section.id !== SECTION.import) return section;
    const payload = section.payload.slice();
    for (const { kind, limitsAt } of readImports([section])) {
      if (kind === EXTERNAL.memory) payload[limitsAt] = (payload[limitsAt] ?? 0) & ~LIMIT.shared;
    }
    return { ...section, payload };
  });
}
