// SPDX-License-Identifier: MIT
/** What a machine needs of an engine beyond WebAssembly itself, and whether this one has it. Callers: web/, src/library. */

/**
 * (module (func (block (result exnref) (try_table (catch_all_ref 0)) unreachable) drop)): valid where exceptions of the final
 * form are known.
 */
const EXNREF_MODULE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 2, 1, 0],
  ...[10, 15, 1, 13, 0, 0x02, 0x69, 0x1f, 0x40, 1, 3, 0, 0x0b, 0x00, 0x0b, 0x1a, 0x0b],
);

/** The names of what is missing; empty when a machine can run. */
export function missingFeatures(): string[] {
  if (typeof WebAssembly !== 'object') return ['WebAssembly'];
  const missing: string[] = [];
  if (!('Suspending' in WebAssembly && 'promising' in WebAssembly)) {
    missing.push('JavaScript Promise Integration (WebAssembly.Suspending)');
  }
  if (!('JSTag' in WebAssembly && WebAssembly.validate(EXNREF_MODULE))) {
    missing.push('WebAssembly exceptions with exnref (WebAssembly.JSTag)');
  }
  return missing;
}
