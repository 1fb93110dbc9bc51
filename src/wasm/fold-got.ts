// SPDX-License-Identifier: MIT
/**
 * Folds what wasm-ld leaves of a global offset table in a program: constant globals that position-independent code reads the
 * addresses of its symbols from.
 *
 * Why: docs/abi.md fixes a program's list of globals, and native translations of a module (wasm2c) make a struct of them. Such
 * a global appears for every symbol whose address an object that was compiled with -fPIC takes.
 *
 *   before  (global $GOT.func.internal.wasmlinux_syscall32 i32 (i32.const 1))   ...  global.get 3
 *   after                                                                       ...  i32.const 1
 *
 * The constant takes the place of the index, which wasm-ld pads to five bytes, so that no code moves. What can't be a constant is
 * reported: src/toolchain/link.ts refuses it.
 */

import { Reader, Writer } from './binary.ts';
import { type CodePlace, codePlaces } from './code-places.ts';
import { expressionEnd, OP, skipImmediates } from './instructions.ts';
import { readLocals } from './locals.ts';
import { EXTERNAL, findSection, readExports, readImports, SECTION, type Section, sectionReader } from './module.ts';
import { readGlobalNames, withGlobalNames } from './names.ts';
import { withSection } from './sections.ts';

/** An entry that has to stay a variable. */
export interface GotEscape {
  readonly symbol: string;
  /** Continues a sentence that begins with the symbol. */
  readonly reason: string;
  /** A function that uses it, if any does: the one whose use does not work, or the first one. */
  readonly user?: CodePlace | undefined;
}

export interface FoldedGot {
  readonly sections: readonly Section[];
  /** If there are any, nothing was changed. */
  readonly escapes: readonly GotEscape[];
}

const TABLE = /^GOT\.(?:func|mem)$/;
const GLOBAL = /^GOT\.(?:func|mem|data)\.internal\.(.*)$/;

interface Entry {
  readonly symbol: string;
  /** Undefined: it is not a constant. */
  readonly value: number | undefined;
}

interface Global {
  /** Its type, whether it can be assigned, and its initial value. */
  readonly bytes: Uint8Array;
  readonly entry: Entry | undefined;
}

/** The globals that the module defines. Their indices count from 0: a program imports none, else it is refused. */
function readGlobals(sections: readonly Section[]): Global[] {
  const names = readGlobalNames(sections);
  return sectionReader(sections, SECTION.global).vector((reader, index) => {
    const begin = reader.position;
    reader.byte();
    reader.byte();
    const end = expressionEnd(reader);
    const value = reader.byte() === OP.i32Const ? reader.s32() : undefined;
    reader.position = end;
    const symbol = GLOBAL.exec(names.get(index) ?? '')?.[1];
    return {
      bytes: reader.bytes.subarray(begin, end),
      entry: symbol === undefined ? undefined : { symbol, value },
    };
  });
}

/** Puts a signed or an unsigned number, which are the same but for their ends, into exactly `length` bytes. */
function putPadded(bytes: Uint8Array, at: number, length: number, value: number): void {
  let rest = value;
  for (let i = 0; i < length; i++) {
    bytes[at + i] = (rest & 0x7f) | (i < length - 1 ? 0x80 : 0);
    rest >>= 7;
  }
}

const fits = (value: number, length: number) => length === 5 || Math.abs(value) < 2 ** (7 * length - 1);

/** Each use of a global in the code. */
function* globalUses(
  code: Uint8Array,
): Generator<{ op: number; at: number; length: number; index: number; body: number }> {
  const reader = new Reader(code);
  const count = reader.u32();
  for (let body = 0; body < count; body++) {
    const size = reader.u32();
    const end = reader.position + size;
    readLocals(reader);
    while (reader.position < end) {
      const op = reader.byte();
      if (op !== OP.globalGet && op !== OP.globalSet) {
        skipImmediates(reader, op);
        continue;
      }
      const at = reader.position;
      const index = reader.u32();
      yield { op, at, length: reader.position - at, index, body };
    }
  }
}

const codeOf = (sections: readonly Section[]) => findSection(sections, SECTION.code)?.payload ?? Uint8Array.of(0);

function rewriteCode(sections: readonly Section[], globals: readonly Global[], renumber: (index: number) => number) {
  const escapes: GotEscape[] = [];
  const code = codeOf(sections).slice();
  const placeOf = codePlaces(sections);
  for (const { op, at, length, index, body } of globalUses(code)) {
    const entry = globals[index]?.entry;
    if (!entry) {
      putPadded(code, at, length, renumber(index));
      continue;
    }
    const user = placeOf(body, at);
    if (op === OP.globalSet) escapes.push({ symbol: entry.symbol, reason: 'is assigned', user });
    else if (entry.value !== undefined && fits(entry.value, length)) {
      code[at - 1] = OP.i32Const;
      putPadded(code, at, length, entry.value);
    } else if (entry.value !== undefined) {
      const reason = 'has no room where it is used (linked with --compress-relocations or -Wl,-O2: leave that out)';
      escapes.push({ symbol: entry.symbol, reason, user });
    }
  }
  return { code, escapes };
}

/** The entries that no code could do without, wherever it is. */
function escapesOutsideCode(sections: readonly Section[], globals: readonly Global[]): GotEscape[] {
  const firstUser = (global: number): CodePlace | undefined => {
    for (const use of globalUses(codeOf(sections)))
      if (use.index === global) return codePlaces(sections)(use.body, use.at);
    return undefined;
  };
  const imported = readImports(sections).filter(({ kind }) => kind === EXTERNAL.global);
  const exported = new Set(
    readExports(sections)
      .filter(({ kind }) => kind === EXTERNAL.global)
      .map(({ index }) => index),
  );
  return [
    ...imported.flatMap(({ module, name }, index) => {
      const reason = 'is in no object or library of this link';
      return TABLE.test(module) ? [{ symbol: name, reason, user: firstUser(index) }] : [];
    }),
    ...globals.flatMap(({ entry }, own): GotEscape[] => {
      if (!entry) return [];
      const index = imported.length + own;
      const { symbol } = entry;
      if (exported.has(index)) return [{ symbol, reason: 'is exported', user: firstUser(index) }];
      if (entry.value !== undefined) return [];
      return [{ symbol, reason: 'is not known before the program starts', user: firstUser(index) }];
    }),
  ];
}

function withExportedGlobals(sections: readonly Section[], renumber: (index: number) => number): Section[] {
  const exports = readExports(sections);
  const writer = new Writer().u32(exports.length);
  for (const { name, kind, index } of exports) {
    writer
      .text(name)
      .byte(kind)
      .u32(kind === EXTERNAL.global ? renumber(index) : index);
  }
  return withSection(sections, SECTION.export, writer.finish());
}

/** The program without a table; or why it can't be without. */
export function foldGot(sections: readonly Section[]): FoldedGot {
  const globals = readGlobals(sections);
  const outside = escapesOutsideCode(sections, globals);
  if (outside.length > 0) return { sections, escapes: outside };
  if (!globals.some(({ entry }) => entry)) return { sections, escapes: [] };

  const kept = globals.flatMap(({ entry }, index) => (entry ? [] : [index]));
  const newIndices = new Map(kept.map((index, position) => [index, position]));
  const renumber = (index: number) => newIndices.get(index) ?? index;
  const { code, escapes } = rewriteCode(sections, globals, renumber);
  if (escapes.length > 0) return { sections, escapes };

  const writer = new Writer().u32(kept.length);
  for (const { bytes, entry } of globals) if (!entry) writer.put(bytes);
  const names = new Map([...readGlobalNames(sections)].filter(([index]) => !globals[index]?.entry));
  let folded = withSection(sections, SECTION.global, writer.finish());
  folded = withSection(folded, SECTION.code, code);
  folded = withExportedGlobals(folded, renumber);
  return {
    sections: withGlobalNames(folded, new Map([...names].map(([index, name]) => [renumber(index), name]))),
    escapes: [],
  };
}

/** What is left of a table in a module, by the names that it has; of a program that follows the ABI nothing. */
export function gotEntries(sections: readonly Section[]): string[] {
  const imports = readImports(sections).filter(({ module }) => TABLE.test(module));
  const globals = [...readGlobalNames(sections).values()].filter((name) => GLOBAL.test(name));
  return [...imports.map(({ module, name }) => `${module}.${name}`), ...globals];
}
