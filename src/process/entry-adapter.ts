// SPDX-License-Identifier: MIT
/**
 * Where a program is entered. Programs come with different entries; the kernel calls all of them through one table slot
 * as (i32, i32) -> i32, and this is the code between, a function of the program's shim.
 */

import { EntryKind } from '../machine/kernel-interface.ts';
import { OP, type Type, TYPE, uleb } from '../wasm/builder.ts';

export interface FunctionType {
  readonly params: readonly Type[];
  readonly results: readonly Type[];
}

export interface Entry {
  /** The name of the export. */
  readonly name: string;
  readonly kind: (typeof EntryKind)[keyof typeof EntryKind];
  readonly type: FunctionType;
}

const { i32 } = TYPE;

/** The entries in the order in which they are looked for, each with the types that it may have. */
const candidates: readonly { name: string; kind: Entry['kind']; types: readonly FunctionType[] }[] = [
  {
    name: '_start',
    kind: EntryKind.Start,
    types: [
      { params: [i32], results: [] },
      { params: [], results: [] },
    ],
  },
  ...['main', '__main_argc_argv'].map((name) => ({
    name,
    kind: EntryKind.Main,
    types: [
      { params: [i32, i32], results: [i32] },
      { params: [], results: [i32] },
    ],
  })),
];

export function sameType(a: FunctionType, b: FunctionType): boolean {
  const same = (x: readonly Type[], y: readonly Type[]) => x.length === y.length && x.every((type, i) => type === y[i]);
  return same(a.params, b.params) && same(a.results, b.results);
}

/** The entry among a module's exported functions; a string that says what is wrong when there is none. */
export function findEntry(exported: (name: string) => FunctionType | undefined): Entry | string {
  for (const { name, kind, types } of candidates) {
    const type = exported(name);
    if (!type) continue;
    if (types.some((allowed) => sameType(allowed, type))) return { name, kind, type };
    return `its ${name} has a type that no program's entry has`;
  }
  return 'it exports neither _start nor main';
}

/** Body of a (i32, i32) -> i32 that calls the entry, function `target`. */
export function adapterBody({ type }: Entry, target: number): number[] {
  const body: number[] = [];
  for (let index = 0; index < type.params.length; index++) body.push(OP.local_get, index);
  body.push(OP.call, ...uleb(target));
  if (type.results.length === 0) body.push(OP.i32_const, 0);
  return body;
}
