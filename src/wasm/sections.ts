// SPDX-License-Identifier: MIT
/** Puts sections into a module where the format wants them. For passes that add something. */

import { Writer } from './binary.ts';
import { type Section, sectionReader } from './module.ts';

/** Sections in the order that a module must have them in; custom ones may be anywhere. */
const ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** The sections with one that is replaced, or put where it belongs. */
export function withSection(sections: readonly Section[], id: number, payload: Uint8Array): Section[] {
  const section = { id, name: '', payload };
  const at = sections.findIndex((old) => old.id === id);
  if (at >= 0) return sections.with(at, section);
  const rank = ORDER.indexOf(id);
  const next = sections.findIndex((old) => ORDER.indexOf(old.id) > rank);
  return sections.toSpliced(next < 0 ? sections.length : next, 0, section);
}

/** A section that is a vector, with one more element at its end. */
export function withElement(sections: readonly Section[], id: number, element: readonly number[]): Section[] {
  const reader = sectionReader(sections, id);
  const count = reader.u32();
  const writer = new Writer().u32(count + 1).put(reader.bytes.subarray(reader.position));
  return withSection(sections, id, writer.put(Uint8Array.from(element)).finish());
}
