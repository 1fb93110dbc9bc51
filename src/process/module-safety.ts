// SPDX-License-Identifier: MIT
/**
 * What a module could do to its host, beneath the kernel, and no program needs: refused before an instance is made, with one
 * sentence that a user understands. What runs beneath JavaScript could not be interrupted, so it must be seen to end; what
 * lives on the engine's own heap, or costs its compilers out of all proportion, is not bounded by the machine's memory.
 */

import { Reader } from '../wasm/binary.ts';
import { FUNCTION_TYPE } from '../wasm/function-types.ts';
import { MISC, OP, skipImmediates } from '../wasm/instructions.ts';
import { readLocals } from '../wasm/locals.ts';
import { EXTERNAL, readImports, SECTION, type Section, sectionReader } from '../wasm/module.ts';

/** The module can't be a program; the message says why, as the end of a sentence. */
export class UnsuitableModule extends Error {
  override readonly name = 'UnsuitableModule';
}

/** Exports: each is an object of JavaScript's in every instance. The largest programs known have some thousand. */
const EXPORTS = 65536;
/** Bytes of element segments: each element may be an object of the engine's in every instance. */
const ELEMENT_BYTES = 4 << 20;
/** Parameters and results of a function: an instruction of two bytes may put so many values on the stack. */
const PARAMETERS = 255;
const RESULTS = 16;
/** Bytes of one function. */
const FUNCTION_BYTES = 2 << 20;
/**
 * Locals times branches of one function: the engine's compilers keep every local at every branch. At this limit compiling takes
 * some seconds and a gigabyte; 40,000 locals in 20,000 loops, 400 kB, took 46 s and 6 GB.
 */
const LOCALS_TIMES_BRANCHES = 1 << 26;

/** i32, i64, f32, f64, v128. */
const isNumeric = (type: number) => type >= 0x7b && type <= 0x7f;
/** funcref, externref, exnref. */
const isPlainReference = (type: number) => type === 0x70 || type === 0x6f || type === 0x69;

/** Throws UnsuitableModule. The engine has validated the module. */
export function checkSafety(sections: readonly Section[], memoryBytes: number): void {
  const withValues = checkTypes(sections);
  checkTags(sections, withValues);
  if (sectionReader(sections, SECTION.export).u32() > EXPORTS) throw new UnsuitableModule('it has too many exports');
  const elements = sectionReader(sections, SECTION.element).bytes.length;
  if (elements > ELEMENT_BYTES)
    throw new UnsuitableModule(`its elements take ${elements} bytes; ${ELEMENT_BYTES} is the most`);
  checkFunctions(sections);
  checkStart(sections, memoryBytes);
}

/** Objects of the engine's garbage collector are not in the program's memory. Returns the types with numeric parameters only. */
function checkTypes(sections: readonly Section[]): Set<number> {
  const numeric = new Set<number>();
  const reader = sectionReader(sections, SECTION.type);
  const count = reader.u32();
  for (let index = 0; index < count; index++) {
    if (reader.byte() !== FUNCTION_TYPE) throw new UnsuitableModule('it has types of the garbage collector');
    const parameters = reader.vector((r) => r.byte());
    const results = reader.vector((r) => r.byte());
    if (![...parameters, ...results].every((type) => isNumeric(type) || isPlainReference(type))) {
      throw new UnsuitableModule('it has references of the garbage collector');
    }
    if (parameters.length > PARAMETERS || results.length > RESULTS) {
      throw new UnsuitableModule(`a function has more than ${PARAMETERS} parameters or ${RESULTS} results`);
    }
    if (parameters.every(isNumeric)) numeric.add(index);
  }
  return numeric;
}

/** Exceptions that hold exceptions would be lists without end on the engine's heap. */
function checkTags(sections: readonly Section[], numeric: ReadonlySet<number>): void {
  const reader = sectionReader(sections, SECTION.tag);
  for (let count = reader.u32(); count > 0; count--) {
    reader.byte();
    if (!numeric.has(reader.u32())) throw new UnsuitableModule('it has a tag that holds references');
  }
}

/** The body of a function that the module defines, from its locals on. */
interface Body {
  /** Behind the locals. */
  readonly code: Reader;
  readonly locals: number;
}

function readBody(bytes: Uint8Array): Body {
  const code = new Reader(bytes);
  const { count } = readLocals(code);
  return { code, locals: count };
}

function checkFunctions(sections: readonly Section[]): void {
  const reader = sectionReader(sections, SECTION.code);
  for (let count = reader.u32(); count > 0; count--) {
    const bytes = reader.take(reader.u32());
    if (bytes.length > FUNCTION_BYTES) {
      throw new UnsuitableModule(`a function has ${bytes.length} bytes; ${FUNCTION_BYTES} is the most`);
    }
    const { code, locals } = readBody(bytes);
    // A branch has at least a byte: most functions need not be read.
    if (locals * bytes.length <= LOCALS_TIMES_BRANCHES) continue;
    const branches = countBranches(code);
    if (locals * branches > LOCALS_TIMES_BRANCHES) {
      throw new UnsuitableModule(`a function has ${locals} locals in ${branches} blocks and branches`);
    }
  }
}

function countBranches(code: Reader): number {
  let branches = 0;
  while (!code.atEnd) {
    const op = code.byte();
    if (op === OP.brTable) branches += new Reader(code.bytes, code.position).u32();
    else if ((op >= OP.block && op <= OP.try) || op === OP.tryTable || op === OP.br || op === OP.brIf) branches++;
    skipImmediates(code, op);
  }
  return branches;
}

function functionBody(sections: readonly Section[], index: number): Body | undefined {
  const imported = readImports(sections).filter(({ kind }) => kind === EXTERNAL.function).length;
  const reader = sectionReader(sections, SECTION.code);
  const count = reader.u32();
  const wanted = index - imported;
  if (wanted < 0 || wanted >= count) return undefined;
  for (let before = 0; before < wanted; before++) reader.take(reader.u32());
  return readBody(reader.take(reader.u32()));
}

/** Is the function one that just gives the value of a global? */
export function isGlobalGetter(sections: readonly Section[], index: number): boolean {
  const code = functionBody(sections, index)?.code;
  if (code?.byte() !== OP.globalGet) return false;
  code.skipNumber();
  return code.byte() === OP.end && code.atEnd;
}

/** What wasm-ld's __wasm_init_memory is made of, beside what touches memory. No loop, no call: it ends. */
const startInstructions: ReadonlySet<number> = new Set([
  OP.block,
  OP.end,
  OP.br,
  OP.brTable,
  OP.drop,
  OP.globalGet,
  OP.globalSet,
  OP.i32Const,
  OP.i64Const,
  OP.prefixAtomic,
]);

/**
 * A start function runs while the instance is made, beneath JavaScript. The one that linkers write only copies and fills data; of
 * another one nobody knows when it ends.
 */
function checkStart(sections: readonly Section[], memoryBytes: number): void {
  const section = sectionReader(sections, SECTION.start);
  if (section.bytes.length === 1 && section.bytes[0] === 0 && !sections.some(({ id }) => id === SECTION.start)) return;
  const code = functionBody(sections, section.u32())?.code;
  if (!code || !onlyFillsMemory(code, memoryBytes)) {
    throw new UnsuitableModule('its start function does more than to fill memory: make it an export that _start calls');
  }
}

function onlyFillsMemory(code: Reader, memoryBytes: number): boolean {
  let filled = 0;
  let constant: number | undefined;
  while (!code.atEnd) {
    const op = code.byte();
    const last = constant;
    constant = undefined;
    if (op === OP.prefixMisc) {
      const kind = new Reader(code.bytes, code.position).u32();
      if (kind === MISC.memoryInit || kind === MISC.memoryFill) {
        if (last === undefined) return false;
        filled += last;
      } else if (kind !== MISC.dataDrop) return false;
    } else if (op === OP.i32Const) {
      constant = new Reader(code.bytes, code.position).s32() >>> 0;
    } else if (!startInstructions.has(op)) return false;
    skipImmediates(code, op);
  }
  return filled <= memoryBytes;
}
