// SPDX-License-Identifier: MIT
/** A place in a program's code, for messages about it: src/toolchain/link.ts finds object and line. */

import { EXTERNAL, readImports, type Section } from './module.ts';
import { readFunctionNames } from './names.ts';

export interface CodePlace {
  /** Of the function. */
  readonly name: string;
  /** In the contents of the code section. */
  readonly at: number;
}

/** Makes places of offsets in the bodies of functions, which are counted without the imported ones. */
export function codePlaces(sections: readonly Section[]): (body: number, at: number) => CodePlace {
  const imported = readImports(sections).filter(({ kind }) => kind === EXTERNAL.function).length;
  const names = readFunctionNames(sections);
  return (body, at) => ({ name: names.get(imported + body) ?? `function ${imported + body}`, at });
}
