// SPDX-License-Identifier: MIT
/** The types of functions, for the passes that must know what a call takes from the operand stack and puts there. */

import { MalformedModule } from './binary.ts';
import { EXTERNAL, readImports, SECTION, type Section, sectionReader } from './module.ts';

/** What a function's type begins with. */
export const FUNCTION_TYPE = 0x60;

export interface FunctionType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** Value types by their bytes in the format. */
export const VALUE = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
  exnref: 0x69,
} as const;

export function readFunctionTypes(sections: readonly Section[]): FunctionType[] {
  return sectionReader(sections, SECTION.type).vector((reader) => {
    if (reader.byte() !== FUNCTION_TYPE) throw new MalformedModule('a type is not a function type');
    return { params: reader.vector(() => reader.byte()), results: reader.vector(() => reader.byte()) };
  });
}

/** Of each function, imported ones first: the index of its type. */
export function readTypeIndices(sections: readonly Section[]): number[] {
  const imported = readImports(sections).filter(({ kind }) => kind === EXTERNAL.function);
  const own = sectionReader(sections, SECTION.function).vector((reader) => reader.u32());
  return [...imported.map(({ type }) => type), ...own];
}
