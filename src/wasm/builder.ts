// SPDX-License-Identifier: MIT
/**
 * Builds small modules byte by byte: the shims, trampolines and probes that the machine makes at run time. Function bodies
 * are given as bytes, written with the opcodes below; indices are assigned in the order of the calls, imports first.
 */

import { Writer } from './binary.ts';
import { FUNCTION_TYPE } from './function-types.ts';
import { EXTERNAL, LIMIT, SECTION, type Section, writeModule } from './module.ts';

export const TYPE = { i32: 0x7f, i64: 0x7e, externref: 0x6f } as const;
export type Type = (typeof TYPE)[keyof typeof TYPE];

/** The opcodes that our own modules use, by their names in the specification. */
export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  br: 0x0c,
  br_if: 0x0d,
  return: 0x0f,
  call: 0x10,
  call_indirect: 0x11,
  drop: 0x1a,
  try_table: 0x1f,
  local_get: 0x20,
  local_set: 0x21,
  local_tee: 0x22,
  global_get: 0x23,
  global_set: 0x24,
  i32_load: 0x28,
  i64_load: 0x29,
  i32_load8_u: 0x2d,
  i32_store: 0x36,
  i64_store: 0x37,
  i32_store8: 0x3a,
  memory_size: 0x3f,
  i32_const: 0x41,
  i64_const: 0x42,
  i32_eqz: 0x45,
  i32_gt_u: 0x4b,
  i32_ge_u: 0x4f,
  i32_add: 0x6a,
  i32_sub: 0x6b,
  i32_shl: 0x74,
  i32_shr_u: 0x76,
  i64_xor: 0x85,
  i32_wrap_i64: 0xa7,
  prefix_fc: 0xfc,
} as const;

/** Second byte of the opcodes behind OP.prefix_fc. */
export const OP_FC = { memory_copy: 10, memory_fill: 11 } as const;

/** Instructions on vectors of 128 bits. */
export const V128 = {
  load: [0xfd, 0x00],
  store: [0xfd, 0x0b],
  or: [0xfd, 0x50],
  xor: [0xfd, 0x51],
  any_true: [0xfd, 0x53],
  i32x4_extract_lane: [0xfd, 0x1b],
} as const;

/** Catch clauses of try_table. */
export const CATCH = { tag: 0x00 } as const;

/** The type of a block that takes and leaves nothing. */
export const BLOCK_VOID = 0x40;

/** Bit of a memory access's alignment byte: a memory index follows. */
export const MEMARG_INDEX = 0x40;

export function uleb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

/** A signed 32-bit LEB128 number, for i32.const. */
export function sleb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && !(byte & 0x40)) || (rest === -1 && byte & 0x40)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

export interface MemoryType {
  readonly minimum: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
}

/** Subsections of the custom section `name`. */
const NAME_MODULE = 0;
const NAME_FUNCTIONS = 1;

/** One section's entries: how many, and their bytes. */
class Entries {
  count = 0;
  readonly content = new Writer();

  add(...parts: (readonly number[] | string)[]): number {
    for (const part of parts) {
      if (typeof part === 'string') this.content.text(part);
      else this.content.put(Uint8Array.from(part));
    }
    return this.count++;
  }
}

export class ModuleBuilder {
  readonly #types = new Entries();
  readonly #typeIndices = new Map<string, number>();
  readonly #imports = new Entries();
  readonly #functions = new Entries();
  readonly #tables = new Entries();
  readonly #memories = new Entries();
  readonly #globals = new Entries();
  readonly #exports = new Entries();
  readonly #code = new Entries();
  readonly #names = new Entries();
  readonly #name: string;
  #start: number | undefined;
  #functionCount = 0;
  #globalCount = 0;
  #memoryCount = 0;
  #tagCount = 0;

  /** name: what profiles and stack traces call the module. */
  constructor(name = '') {
    this.#name = name;
  }

  /** Index of a function type. */
  type(params: readonly Type[], results: readonly Type[]): number {
    const key = `${params}:${results}`;
    const known = this.#typeIndices.get(key);
    if (known !== undefined) return known;
    const index = this.#types.add([FUNCTION_TYPE, params.length, ...params, results.length, ...results]);
    this.#typeIndices.set(key, index);
    return index;
  }

  importFunction(module: string, name: string, type: number): number {
    if (this.#functions.count > 0) throw new Error('imports come before functions');
    this.#imports.add(module, name, [EXTERNAL.function, ...uleb(type)]);
    return this.#functionCount++;
  }

  /** How many functions there are: the index of the next. */
  get functionCount(): number {
    return this.#functionCount;
  }

  importMemory(module: string, name: string, type: MemoryType): number {
    const flags = (type.maximum === undefined ? 0 : LIMIT.hasMaximum) | (type.shared ? LIMIT.shared : 0);
    const maximum = type.maximum === undefined ? [] : uleb(type.maximum);
    this.#imports.add(module, name, [EXTERNAL.memory, flags, ...uleb(type.minimum), ...maximum]);
    return this.#memoryCount++;
  }

  /** A mutable global. */
  importGlobal(module: string, name: string, type: Type): number {
    this.#imports.add(module, name, [EXTERNAL.global, type, 1]);
    return this.#globalCount++;
  }

  importTag(module: string, name: string, type: number): number {
    this.#imports.add(module, name, [EXTERNAL.tag, 0, ...uleb(type)]);
    return this.#tagCount++;
  }

  /** A growable table of functions. */
  table(slots: number, exportName: string): void {
    this.#exports.add(exportName, [EXTERNAL.table, ...uleb(this.#tables.count)]);
    this.#tables.add([0x70, 0, ...uleb(slots)]);
  }

  memory(pages: number, exportName: string): number {
    this.#memories.add([0, ...uleb(pages)]);
    this.#exports.add(exportName, [EXTERNAL.memory, ...uleb(this.#memoryCount)]);
    return this.#memoryCount++;
  }

  /** The function that runs when an instance is made. */
  start(index: number): void {
    this.#start = index;
  }

  /** A mutable i32 global. */
  global(exportName?: string, initial = 0): number {
    this.#globals.add([TYPE.i32, 1, OP.i32_const, ...sleb(initial), OP.end]);
    const index = this.#globalCount++;
    if (exportName !== undefined) this.#exports.add(exportName, [EXTERNAL.global, ...uleb(index)]);
    return index;
  }

  /** A function. `body` without its final `end`; `locals`: how many i32 it has beside its parameters. */
  function(type: number, body: readonly number[], options: { locals?: number; exportName?: string } = {}): number {
    this.#functions.add(uleb(type));
    const locals = options.locals ? [1, ...uleb(options.locals), TYPE.i32] : [0];
    this.#code.add(uleb(locals.length + body.length + 1), locals, body, [OP.end]);
    const index = this.#functionCount++;
    if (options.exportName !== undefined) {
      this.#exports.add(options.exportName, [EXTERNAL.function, ...uleb(index)]);
      this.#names.add(uleb(index), options.exportName);
    }
    return index;
  }

  /** Makes the names of the module and of the exported functions seen in stack traces. */
  #nameSection(): Section {
    const { count, content } = this.#names;
    const names = new Writer().u32(count).put(content.finish()).finish();
    const writer = new Writer();
    if (this.#name !== '') {
      const name = new Writer().text(this.#name).finish();
      writer.byte(NAME_MODULE).u32(name.length).put(name);
    }
    const payload = writer.byte(NAME_FUNCTIONS).u32(names.length).put(names).finish();
    return { id: SECTION.custom, name: 'name', payload };
  }

  finish(): Uint8Array<ArrayBuffer> {
    const vector = (id: number, { count, content }: Entries): Section[] =>
      count === 0 ? [] : [{ id, name: '', payload: new Writer().u32(count).put(content.finish()).finish() }];
    const start =
      this.#start === undefined
        ? []
        : [{ id: SECTION.start, name: '', payload: new Writer().u32(this.#start).finish() }];
    return writeModule([
      ...vector(SECTION.type, this.#types),
      ...vector(SECTION.import, this.#imports),
      ...vector(SECTION.function, this.#functions),
      ...vector(SECTION.table, this.#tables),
      ...vector(SECTION.memory, this.#memories),
      ...vector(SECTION.global, this.#globals),
      ...vector(SECTION.export, this.#exports),
      ...start,
      ...vector(SECTION.code, this.#code),
      this.#nameSection(),
    ]);
  }
}
