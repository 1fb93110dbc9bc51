// SPDX-License-Identifier: MIT
/**
 * Finds what is left of a global offset table: imports from GOT.func or GOT.mem, and the globals GOT.*.internal.* that
 * wasm-ld makes for them in a program.
 *
 * Why: docs/abi.md fixes a program's list of imports and globals, and native translations of a module (wasm2c) depend on
 * it. Such a global appears for every symbol whose address position-independent code takes:
 *
 *   clang -fPIC    &wasmlinux_syscall32   ->   (global $GOT.func.internal.wasmlinux_syscall32 (mut i32) (i32.const 1))
 *
 * Our compiler flags never make any, so the link fails and names the symbol. Changes nothing.
 */

import { readImports, type Section } from './module.ts';
import { readGlobalNames } from './names.ts';

const TABLE = /^GOT\.(?:func|mem)$/;
const GLOBAL = /^GOT\.(?:func|mem|data)\.internal\.(.*)$/;

/** The symbols that have an entry, in the module's order. */
export function gotSymbols(sections: readonly Section[]): string[] {
  const symbols = readImports(sections)
    .filter(({ module }) => TABLE.test(module))
    .map(({ name }) => name);
  for (const name of readGlobalNames(sections).values()) {
    const symbol = GLOBAL.exec(name)?.[1];
    if (symbol !== undefined) symbols.push(symbol);
  }
  return symbols;
}
