// SPDX-License-Identifier: MIT
/**
 * Finds the functions of an object that call setjmp and handle no exceptions of C++: those in which the compiler can put calls that become
 * polls (polls.ts). In functions with handlers clang 22 makes traps of them. Called by src/toolchain/jumping.ts.
 */

import type { Reader } from './binary.ts';
import { CATCH } from './code.ts';
import { OP, skipImmediates } from './instructions.ts';
import { readLocals } from './locals.ts';
import { EXTERNAL, readImports, SECTION, type Section, sectionReader } from './module.ts';
import { readDefinedFunctions } from './object-symbols.ts';

const SETJMP = '__wasm_setjmp';
/** What the handlers that setjmp needs catch. */
const JUMP_TAG = '__c_longjmp';

/** Has a try_table a handler of something else? Moves the reader behind its clauses. */
function handlesExceptions(reader: Reader, jumpTag: number): boolean {
  reader.skipNumber();
  const clauses = reader.vector(() => {
    const kind = reader.byte();
    const isJump = kind === CATCH.tag || kind === CATCH.tagRef ? reader.u32() === jumpTag : false;
    reader.skipNumber();
    return isJump;
  });
  return clauses.includes(false);
}

/** Their names. */
export function jumpingFunctions(object: readonly Section[]): string[] {
  const imports = readImports(object);
  const functions = imports.filter(({ kind }) => kind === EXTERNAL.function);
  const setjmp = functions.findIndex(({ name }) => name === SETJMP);
  const jumpTag = imports.filter(({ kind }) => kind === EXTERNAL.tag).findIndex(({ name }) => name === JUMP_TAG);
  const names = readDefinedFunctions(object);
  const found = sectionReader(object, SECTION.code).vector((reader, body) => {
    const size = reader.u32();
    const end = reader.position + size;
    let jumps = false;
    let handles = false;
    readLocals(reader);
    while (reader.position < end) {
      const op = reader.byte();
      if (op === OP.tryTable) handles = handlesExceptions(reader, jumpTag) || handles;
      else if (op === OP.call) jumps = reader.u32() === setjmp || jumps;
      else skipImmediates(reader, op);
    }
    const name = names.get(functions.length + body);
    return jumps && !handles && name !== undefined ? [name] : [];
  });
  return found.flat();
}
