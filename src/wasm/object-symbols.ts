// SPDX-License-Identifier: MIT
/** The symbol table of an object file: what LLVM's tool conventions call the custom section "linking" (Linking.md). */

import { Reader } from './binary.ts';
import { findCustomSection, type Section } from './module.ts';

const SYMBOL_TABLE = 8;
const KIND = { function: 0, data: 1, section: 3 } as const;
const FLAG = { undefined: 0x10, explicitName: 0x40 } as const;

/** Names of the functions that an object defines, by index. */
export function readDefinedFunctions(object: readonly Section[]): Map<number, string> {
  const payload = findCustomSection(object, 'linking')?.payload;
  if (!payload) return new Map();
  const reader = new Reader(payload);
  reader.u32(); // version
  while (!reader.atEnd) {
    const id = reader.byte();
    const content = new Reader(reader.take(reader.u32()));
    if (id === SYMBOL_TABLE)
      return new Map(content.vector(readFunctionSymbol).filter((symbol) => symbol !== undefined));
  }
  return new Map();
}

function readFunctionSymbol(reader: Reader): [number, string] | undefined {
  const kind = reader.byte();
  const flags = reader.u32();
  const isDefined = !(flags & FLAG.undefined);
  if (kind === KIND.section) {
    reader.u32();
    return undefined;
  }
  if (kind === KIND.data) {
    reader.text();
    if (isDefined) for (let field = 0; field < 3; field++) reader.u32();
    return undefined;
  }
  const index = reader.u32();
  const name = isDefined || flags & FLAG.explicitName ? reader.text() : undefined;
  return kind === KIND.function && isDefined && name !== undefined ? [index, name] : undefined;
}
