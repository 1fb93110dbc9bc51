// SPDX-License-Identifier: MIT
/**
 * The memory in which a program's frames are while it leaves them and comes back (fork-capture.ts): an import, since the machine
 * has one for all programs (docs/abi.md).
 *
 *   before  (import "env" "memory" (memory 3 16384))
 *   after   (import "env" "memory" (memory 3 16384)) ... (import "env" "wasmlinux_frames" (memory 64 64))
 */

import { MalformedModule, Writer } from './binary.ts';
import { EXTERNAL, LIMIT, readImports, SECTION, type Section, sectionReader } from './module.ts';
import { withElement } from './sections.ts';

export const FRAMES_IMPORT = { module: 'env', name: 'wasmlinux_frames' } as const;

/** Its index: the program's own memory is 0. */
export const FRAMES_MEMORY = 1;

/**
 * Pages of 64 KiB. An engine stack has less than 1 MiB, in which a live value takes 8 bytes and more; what a frame stores is its
 * live values with at most 8 bytes each, and 4 bytes. But an engine may compute a value again after a call instead of keeping it.
 */
export const FRAMES_PAGES = 64;

export function withFramesMemory(sections: readonly Section[]): Section[] {
  const imported = readImports(sections).filter(({ kind }) => kind === EXTERNAL.memory).length;
  const own = sectionReader(sections, SECTION.memory).u32();
  if (imported !== FRAMES_MEMORY || own !== 0) throw new MalformedModule('a program has one memory, an imported one');
  const entry = new Writer().text(FRAMES_IMPORT.module).text(FRAMES_IMPORT.name).byte(EXTERNAL.memory);
  entry.byte(LIMIT.hasMaximum).u32(FRAMES_PAGES).u32(FRAMES_PAGES);
  return withElement(sections, SECTION.import, [...entry.view()]);
}
