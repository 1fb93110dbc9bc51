// SPDX-License-Identifier: MIT
/**
 * Makes the memory in which Asyncify keeps frames (its second one, --pass-arg=asyncify-in-secondary-memory) an import, since
 * the machine has one for all programs: docs/abi.md.
 *
 *   before  (import "env" "memory" (memory 3 16384)) ... (memory 64 64)
 *   after   (import "env" "memory" (memory 3 16384)) ... (import "env" "wasmlinux_frames" (memory 64 64))
 *
 * The index of the memory is 1 before and after, so no instruction changes.
 */

import { MalformedModule, Writer } from './binary.ts';
import { EXTERNAL, LIMIT, readImports, SECTION, type Section, sectionReader } from './module.ts';

export const FRAMES_IMPORT = { module: 'env', name: 'wasmlinux_frames' } as const;

/**
 * Pages of 64 KiB. An engine stack has less than 1 MiB, in which a live value takes 8 bytes and more; what a frame stores is its
 * live values with at most 8 bytes each, and 4 bytes. But an engine may compute a value again after a call instead of keeping it.
 */
export const FRAMES_PAGES = 64;

export function importFramesMemory(sections: readonly Section[]): Section[] {
  const imported = readImports(sections).filter(({ kind }) => kind === EXTERNAL.memory).length;
  const own = sectionReader(sections, SECTION.memory).u32();
  if (imported !== 1 || own !== 1) throw new MalformedModule('a memory for frames is expected beside the imported one');
  return sections
    .filter(({ id }) => id !== SECTION.memory)
    .map((section) => (section.id === SECTION.import ? { ...section, payload: withImport(section.payload) } : section));
}

function withImport(payload: Uint8Array): Uint8Array {
  const reader = sectionReader([{ id: SECTION.import, name: '', payload }], SECTION.import);
  const count = reader.u32();
  return new Writer()
    .u32(count + 1)
    .put(payload.subarray(reader.position))
    .text(FRAMES_IMPORT.module)
    .text(FRAMES_IMPORT.name)
    .byte(EXTERNAL.memory)
    .byte(LIMIT.hasMaximum)
    .u32(FRAMES_PAGES)
    .u32(FRAMES_PAGES)
    .finish();
}
