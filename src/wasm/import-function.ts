// SPDX-License-Identifier: MIT
/**
 * Gives a module one more imported function. It becomes the last of the imported ones, so all functions of the module's own
 * move up by one, wherever they are named (move-functions.ts).
 *
 *   before  (import "env" "a" (func $a)) (func $main call $a call $main)
 *   after   (import "env" "a" (func $a)) (import "env" "b" (func $b)) (func $main call $a call $main)
 */

import { Writer } from './binary.ts';
import { FUNCTION_TYPE } from './function-types.ts';
import { EXTERNAL, findCustomSection, readImports, SECTION, type Section, sectionReader } from './module.ts';
import { movedFunctionSteps } from './move-functions.ts';
import { readFunctionNames, withFunctionNames } from './names.ts';
import { withElement } from './sections.ts';
import { finish, type Steps } from './steps.ts';

export interface FunctionImport {
  readonly module: string;
  readonly name: string;
  readonly params: readonly number[];
  readonly results: readonly number[];
}

export interface WithFunctionImport {
  readonly sections: readonly Section[];
  /** Of the imported function. */
  readonly index: number;
}

/** The module with the import; if it has it already, it stays as it is. */
export const withFunctionImport = (sections: readonly Section[], wanted: FunctionImport): WithFunctionImport =>
  finish(functionImportSteps(sections, wanted));

/** The same in pieces. */
export function* functionImportSteps(
  sections: readonly Section[],
  { module, name, params, results }: FunctionImport,
): Steps<WithFunctionImport> {
  const functions = readImports(sections).filter(({ kind }) => kind === EXTERNAL.function);
  const present = functions.findIndex((entry) => entry.module === module && entry.name === name);
  if (present >= 0) return { sections, index: present };

  const index = functions.length;
  const moved = (old: number): number => (old >= index ? old + 1 : old);
  const rewritten = yield* movedFunctionSteps(sections, { moved, keepsLengths: false });
  const type = sectionReader(sections, SECTION.type).u32();
  const withType = withElement(rewritten, SECTION.type, [
    FUNCTION_TYPE,
    params.length,
    ...params,
    results.length,
    ...results,
  ]);
  const entry = new Writer().text(module).text(name).byte(EXTERNAL.function).u32(type);
  const withImport = withElement(withType, SECTION.import, [...entry.view()]);
  if (!findCustomSection(sections, 'name')) return { sections: withImport, index };
  return { sections: withFunctionNames(withImport, readFunctionNames(withImport).set(index, name)), index };
}
