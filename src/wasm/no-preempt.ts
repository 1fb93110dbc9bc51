// SPDX-License-Identifier: MIT
/**
 * Functions whose loops are known to be short, so that they need no polls: those of objects that were compiled with -mno-preempt. Their
 * names are in a custom section of the object; wasm-ld puts the sections of all objects behind each other.
 *
 *   wasmlinux.no-preempt: names, each with a NUL behind it
 */

import { Writer } from './binary.ts';
import { findCustomSection, SECTION, type Section } from './module.ts';
import { readDefinedFunctions } from './object-symbols.ts';

const NAME = 'wasmlinux.no-preempt';

/** An object file with the names of all functions that it defines. */
export function withoutPreemption(object: readonly Section[]): Section[] {
  const writer = new Writer();
  for (const name of readDefinedFunctions(object).values()) writer.put(new TextEncoder().encode(`${name}\0`));
  return [...object, { id: SECTION.custom, name: NAME, payload: writer.finish() }];
}

/** The names in a linked module, and the module without the section. */
export function takeNoPreempt(sections: readonly Section[]): { names: ReadonlySet<string>; sections: Section[] } {
  const payload = findCustomSection(sections, NAME)?.payload ?? new Uint8Array();
  const names = new TextDecoder().decode(payload).split('\0').slice(0, -1);
  return { names: new Set(names), sections: sections.filter(({ id, name }) => id !== SECTION.custom || name !== NAME) };
}
