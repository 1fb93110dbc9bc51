// SPDX-License-Identifier: MIT
/**
 * The custom section `wasmlinux.abi`, the last one of a linked program: what a loader wants to know of it without reading
 * its code. A module without one is still run (the seed's program is such a module).
 *
 *   offset  size
 *   0       2     ABI version, little endian: VERSION
 *   2       1     fork mode: FORK_MODE
 *   3       1     preemption mode: PREEMPTION_MODE
 *   4       1     exception flavour: EXCEPTION_FLAVOUR
 *   5       3     zero
 *   8       4     bytes of the main thread's stack, little endian
 *   12      4     address of the card table, little endian; 0: none
 *
 * A later version only appends; a reader ignores what it does not know.
 */

import { findCustomSection, SECTION, type Section } from './module.ts';

export const VERSION = 1;
export const SECTION_NAME = 'wasmlinux.abi';
const LENGTH = 16;
/** What the first notes had. */
const SHORTEST = 12;

export const FORK_MODE = {
  /** Does not import env.wasmlinux_fork. */
  none: 0,
  /** Its frames can be left and come back to: exports asyncify_*. */
  frames: 1,
} as const;

export const PREEMPTION_MODE = {
  /** No polls yet: the loader inserts them. */
  none: 0,
  /** Has polls in all loops and recursions. */
  polls: 1,
  /** Shall have none: its author's wish, granted to files that only root can write. */
  exempt: 2,
} as const;

export const EXCEPTION_FLAVOUR = {
  none: 0,
  /** try, catch, delegate, rethrow. */
  legacy: 1,
  /** try_table, throw_ref. */
  exnref: 2,
} as const;

type ValueOf<T> = T[keyof T];

export interface AbiNote {
  readonly version: number;
  readonly fork: ValueOf<typeof FORK_MODE>;
  readonly preemption: ValueOf<typeof PREEMPTION_MODE>;
  readonly exceptions: ValueOf<typeof EXCEPTION_FLAVOUR>;
  readonly stackSize: number;
  /** Address of the card table (store-marks.ts), or 0. */
  readonly cards: number;
}

/** The module with the note as its last section, in the place of an older one. */
export function withAbiNote(sections: readonly Section[], note: AbiNote): Section[] {
  const payload = new Uint8Array(LENGTH);
  const view = new DataView(payload.buffer);
  view.setUint16(0, note.version, true);
  view.setUint8(2, note.fork);
  view.setUint8(3, note.preemption);
  view.setUint8(4, note.exceptions);
  view.setUint32(8, note.stackSize, true);
  view.setUint32(12, note.cards, true);
  const others = sections.filter(({ id, name }) => !(id === SECTION.custom && name === SECTION_NAME));
  return [...others, { id: SECTION.custom, name: SECTION_NAME, payload }];
}

/** The module's note, or undefined if it has none (or one too short to be ours). */
export function readAbiNote(sections: readonly Section[]): AbiNote | undefined {
  const payload = findCustomSection(sections, SECTION_NAME)?.payload;
  if (!payload || payload.length < SHORTEST) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return {
    version: view.getUint16(0, true),
    fork: view.getUint8(2) as AbiNote['fork'],
    preemption: view.getUint8(3) as AbiNote['preemption'],
    exceptions: view.getUint8(4) as AbiNote['exceptions'],
    stackSize: view.getUint32(8, true),
    cards: payload.length < LENGTH ? 0 : view.getUint32(12, true),
  };
}
