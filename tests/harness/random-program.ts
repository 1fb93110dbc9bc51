// SPDX-License-Identifier: MIT
/**
 * Random modules for tests of passes that change control flow: nested blocks, loops, conditions and try blocks with results,
 * values that lie on the operand stack across calls, direct, indirect and tail calls, exceptions that are caught and thrown
 * anew. Each ends: what runs too long traps. The same seed gives the same module.
 *
 * It imports env.memory, env.fork () -> i32 and env.log (i32), and exports `run` (i32, i64) -> i32. A "linked" one is as if from wasm-ld,
 * for tests of all passes after it: fork is env.wasmlinux_fork, the memory is shared, constants come from a global offset table, and
 * it stores, copies and fills anywhere in the first 40 KiB.
 */

import { Writer } from '../../src/wasm/binary.ts';
import { BLOCK_VOID } from '../../src/wasm/builder.ts';
import { CATCH } from '../../src/wasm/code.ts';
import { type FunctionType, VALUE } from '../../src/wasm/function-types.ts';
import { MISC, OP } from '../../src/wasm/instructions.ts';
import { EXTERNAL, LIMIT, SECTION, writeModule } from '../../src/wasm/module.ts';
import { withGlobalNames } from '../../src/wasm/names.ts';

const { i32, i64, f32, f64, exnref } = VALUE;
const NUMBERS = [i32, i32, i32, i64, f32, f64];

/** Loops and calls that a run may make. */
const FUEL = 1000;
const TAGS = 2;
/** Of a linked program's memory. */
const MOST_PAGES = 16;
const GLOBAL = { fuel: 0, number: 1 } as const;
/** Entries of a global offset table, behind the other globals. */
const GOT_ENTRIES = 4;
const FIRST_GOT_ENTRY = 2;
/** Of addresses, which are multiples of 16 below 32 KiB, and of what is copied or filled. */
const ADDRESSES = 0x7ff0;
const LENGTHS = 0x1fff;
const IMPORTED = { fork: 0, log: 1 } as const;
const IMPORTS = 2;

const I32 = { eqz: 0x45, ltS: 0x48, and: 0x71, shl: 0x74, xor: 0x73 } as const;

/** Numbers below a bound, always the same ones for a seed (xorshift). */
export function randomNumbers(seed: number): (bound: number) => number {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

export type ProgramKind = 'forking' | 'linked';

interface Label {
  /** What a branch to it takes. */
  readonly results: readonly number[];
}

class BodyMaker {
  readonly #writer = new Writer();
  readonly #random: (bound: number) => number;
  readonly #types: FunctionType[];
  readonly #functions: readonly FunctionType[];
  readonly #type: FunctionType;
  readonly #locals: number[];
  readonly #labels: Label[] = [];
  /** How many more instructions there should be, roughly. */
  #size: number;
  #tries = 0;
  /** Of each type the local used last, which is used again more often than others. */
  readonly #lastLocal = new Map<number, number>();
  readonly #index: number;
  readonly #isLinked: boolean;

  constructor(
    random: (bound: number) => number,
    types: FunctionType[],
    functions: readonly FunctionType[],
    index: number,
    kind: ProgramKind,
  ) {
    this.#isLinked = kind === 'linked';
    const type = functions[index] as FunctionType;
    this.#index = index;
    this.#random = random;
    this.#types = types;
    this.#functions = functions;
    this.#type = type;
    const count = 2 + random(10);
    this.#locals = [...type.params, ...Array.from({ length: count }, () => this.#pick(NUMBERS)), exnref];
    this.#size = 40 + random(160);
  }

  run(): Uint8Array {
    const own = this.#locals.slice(this.#type.params.length);
    this.#writer.u32(own.length);
    for (const type of own) this.#writer.u32(1).byte(type);
    this.#labels.push({ results: this.#type.results });
    this.#burn();
    // so that a local that got lost is seen
    for (const [local, type] of this.#locals.entries()) {
      if (local < this.#type.params.length || type === exnref) continue;
      this.#constant(type);
      this.#writer.byte(OP.localSet).u32(local);
    }
    for (let count = 1 + this.#random(3); count > 0; count--) this.#statements(4);
    for (const type of this.#type.results) this.#value(type, 3);
    this.#writer.byte(OP.end);
    return this.#writer.finish();
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random(list.length)] as T;
  }

  #chance(one: number): boolean {
    return this.#random(one) === 0;
  }

  #const(value: number): Writer {
    return this.#writer.byte(OP.i32Const).s32(value);
  }

  /** fuel -= 1; if (fuel < 0) trap */
  #burn(): void {
    const writer = this.#writer.byte(OP.globalGet).u32(GLOBAL.fuel).byte(OP.i32Const).s32(1).byte(OP.i32Sub);
    writer.byte(OP.globalSet).u32(GLOBAL.fuel).byte(OP.globalGet).u32(GLOBAL.fuel).byte(OP.i32Const).s32(0);
    writer.byte(I32.ltS).byte(OP.if).byte(BLOCK_VOID).byte(OP.unreachable).byte(OP.end);
  }

  #begin(op: number, results: readonly number[]): void {
    this.#writer.byte(op);
    const [result] = results;
    if (results.length > 1) this.#writer.s32(this.#typeIndex({ params: [], results }));
    else this.#writer.byte(result ?? BLOCK_VOID);
    this.#labels.push({ results: op === OP.loop ? [] : results });
  }

  #end(): void {
    this.#labels.pop();
    this.#writer.byte(OP.end);
  }

  #typeIndex(type: FunctionType): number {
    const text = JSON.stringify(type);
    const known = this.#types.findIndex((each) => JSON.stringify(each) === text);
    return known >= 0 ? known : this.#types.push(type) - 1;
  }

  #localOf(type: number): number | undefined {
    const fitting = [...this.#locals.entries()].filter(([, each]) => each === type).map(([index]) => index);
    const last = this.#lastLocal.get(type);
    if (last !== undefined && this.#chance(2)) return last;
    const local = fitting.length > 0 ? this.#pick(fitting) : undefined;
    if (local !== undefined) this.#lastLocal.set(type, local);
    return local;
  }

  /** One of the functions, mostly one behind this, so that few calls are recursive. */
  #callee(fits: (type: FunctionType) => boolean): number | undefined {
    const isRecursive = this.#chance(12);
    const fitting = [...this.#functions.entries()].filter(
      ([index, type]) => (isRecursive || index > this.#index) && fits(type),
    );
    return fitting.length > 0 ? this.#pick(fitting)[0] : undefined;
  }

  /** The function table's slot of a function is its index. */
  #call(callee: number, depth: number): void {
    const type = this.#functions[callee] as FunctionType;
    for (const param of type.params) this.#value(param, depth);
    if (this.#chance(2)) this.#writer.byte(OP.call).u32(IMPORTS + callee);
    else {
      this.#const(callee);
      if (this.#chance(2)) {
        this.#value(i32, 0);
        this.#writer.byte(OP.drop);
      }
      this.#writer.byte(OP.callIndirect).u32(this.#typeIndex(type)).u32(0);
    }
  }

  #statements(depth: number): void {
    for (let count = 1 + this.#random(3); count > 0; count--) this.#statement(depth);
  }

  #statement(depth: number): void {
    this.#size--;
    const deep = depth > 0 && this.#size > 0;
    const kind = this.#random(deep ? 14 : 3);
    const writer = this.#writer;
    if (kind === 0) {
      const type = this.#pick(NUMBERS);
      const local = this.#localOf(type);
      this.#value(type, depth - 1);
      if (local === undefined) writer.byte(OP.drop);
      else writer.byte(OP.localSet).u32(local);
    } else if (kind === 1) {
      this.#value(i32, depth - 1);
      writer.byte(OP.call).u32(IMPORTED.log);
    } else if (kind === 2) {
      this.#value(i32, depth - 1);
      writer.byte(OP.globalSet).u32(GLOBAL.number);
    } else if (kind === 3) {
      this.#begin(OP.block, []);
      this.#statements(depth - 1);
      this.#end();
    } else if (kind === 4) {
      this.#begin(OP.loop, []);
      this.#burn();
      this.#statements(depth - 1);
      this.#value(i32, depth - 1);
      this.#const(3).byte(I32.and).byte(OP.brIf).u32(0);
      this.#end();
    } else if (kind === 5) {
      this.#value(i32, depth - 1);
      this.#begin(OP.if, []);
      this.#statements(depth - 1);
      if (this.#chance(2)) {
        writer.byte(OP.else);
        this.#statements(depth - 1);
      }
      this.#end();
    } else if (kind === 6 || kind === 7) this.#tryBlock(depth);
    else if (kind === 8) this.#leave(depth);
    else if (kind === 9) {
      const isUsual = ({ results }: Label) => !results.includes(exnref);
      const labels = this.#labels.flatMap((each, index) => (isUsual(each) ? [this.#labels.length - 1 - index] : []));
      const label = this.#pick(labels);
      const { results } = this.#labels[this.#labels.length - 1 - label] as Label;
      for (const result of results) this.#value(result, depth - 1);
      this.#value(i32, depth - 1);
      writer.byte(OP.brIf).u32(label);
      for (const _ of results) writer.byte(OP.drop);
    } else if (kind === 10 && this.#isLinked) this.#access(depth);
    else if (kind === 10) {
      this.#const(4 * this.#random(16));
      this.#value(i32, depth - 1);
      writer.byte(0x36).byte(2).u32(0);
    } else {
      const callee = this.#callee(() => true);
      if (callee === undefined) return;
      this.#call(callee, depth - 1);
      for (const _ of this.#functions[callee]?.results ?? []) writer.byte(OP.drop);
    }
  }

  /** Writes to memory, seldom to none that is there. */
  #access(depth: number): void {
    const writer = this.#writer;
    const address = (mask: number) => {
      this.#value(i32, depth - 1);
      this.#const(mask).byte(I32.and);
    };
    const kind = this.#random(5);
    address(kind > 2 || !this.#chance(40) ? ADDRESSES : -16);
    if (kind <= 1) {
      const type = this.#pick([i32, i64]);
      this.#value(type, depth - 1);
      writer
        .byte(type === i32 ? 0x36 : 0x37)
        .byte(2)
        .u32(this.#pick([0, 8, 5000]));
    } else if (kind === 2) {
      this.#value(i32, depth - 1);
      // i32.atomic.rmw.add
      writer.byte(0xfe).byte(0x1e).byte(2).u32(0).byte(OP.drop);
    } else {
      address(ADDRESSES);
      address(LENGTHS);
      writer.byte(OP.prefixMisc);
      if (kind === 3) writer.byte(MISC.memoryFill).byte(0);
      else writer.byte(MISC.memoryCopy).byte(0).byte(0);
    }
  }

  /** Throws, returns or branches on a condition; what follows in the same block is dead. */
  #leave(depth: number): void {
    const writer = this.#writer;
    this.#value(i32, depth - 1);
    this.#const(3).byte(I32.and).byte(I32.eqz);
    this.#begin(OP.if, []);
    const kind = this.#random(4);
    if (kind === 0) {
      this.#value(i32, depth - 1);
      // what is thrown is the address of something aligned
      this.#const(2).byte(I32.shl).byte(OP.throw).u32(this.#random(TAGS));
    } else if (kind === 1) {
      for (const type of this.#type.results) this.#value(type, depth - 1);
      writer.byte(OP.return);
    } else if (kind === 2 && this.#tries === 0) {
      const callee = this.#callee(({ results }) => results.join() === this.#type.results.join());
      if (callee !== undefined) {
        for (const param of this.#functions[callee]?.params ?? []) this.#value(param, depth - 1);
        writer.byte(OP.returnCall).u32(IMPORTS + callee);
      }
    } else {
      const isVoid = ({ results }: Label) => results.length === 0;
      const labels = this.#labels.flatMap((label, index) => (isVoid(label) ? [this.#labels.length - 1 - index] : []));
      this.#value(i32, depth - 1);
      writer.byte(OP.brTable).u32(2).u32(this.#pick(labels)).u32(this.#pick(labels)).u32(this.#pick(labels));
    }
    if (this.#chance(3)) this.#statement(depth - 1);
    this.#end();
  }

  #tryBlock(depth: number): void {
    const writer = this.#writer;
    const kind = this.#random(4);
    const hasPayload = kind === CATCH.tag || kind === CATCH.tagRef;
    const hasReference = kind === CATCH.tagRef || kind === CATCH.allRef;
    const caught = [...(hasPayload ? [i32] : []), ...(hasReference ? [exnref] : [])];
    this.#begin(OP.block, []);
    this.#begin(OP.block, caught);
    const result = this.#chance(3) ? [this.#pick(NUMBERS)] : [];
    this.#begin(OP.tryTable, result);
    this.#tries++;
    const clauses = this.#chance(3) && hasPayload ? 2 : 1;
    writer.u32(clauses);
    for (let clause = 0; clause < clauses; clause++) {
      writer.byte(kind);
      if (hasPayload) writer.u32(clauses === 2 ? clause : this.#random(TAGS));
      writer.u32(0);
    }
    this.#statements(depth - 1);
    for (const type of result) this.#value(type, depth - 1);
    this.#end();
    this.#tries--;
    for (const _ of result) writer.byte(OP.drop);
    writer.byte(OP.br).u32(1);
    this.#end();
    const reference = this.#locals.length - 1;
    if (hasReference) writer.byte(OP.localSet).u32(reference);
    if (hasPayload) writer.byte(OP.call).u32(IMPORTED.log);
    this.#statements(depth - 1);
    if (hasReference) {
      this.#value(i32, depth - 1);
      this.#const(1).byte(I32.and);
      this.#begin(OP.if, []);
      writer.byte(OP.localGet).u32(reference).byte(OP.throwRef);
      this.#end();
    }
    this.#end();
  }

  /** Code that leaves one value of the type, and changes a local that lies on the operand stack meanwhile. */
  #changed(type: number, depth: number): void {
    const local = this.#localOf(type);
    if (local === undefined) {
      this.#constant(type);
      return;
    }
    const writer = this.#writer.byte(OP.localGet).u32(local);
    this.#value(type, depth - 1);
    writer.byte(OP.localSet).u32(local);
    this.#value(i32, depth - 1);
    writer.byte(OP.call).u32(IMPORTED.log);
  }

  /** Code that leaves one value of the type. */
  #value(type: number, depth: number): void {
    this.#size--;
    const deep = depth > 0 && this.#size > 0;
    const kind = this.#random(deep ? 15 : 3) - (deep ? 2 : 0);
    const writer = this.#writer;
    const local = this.#localOf(type);
    if (type === i32 && this.#chance(6)) writer.byte(OP.call).u32(IMPORTED.fork);
    else if (kind <= 1 && local !== undefined) writer.byte(OP.localGet).u32(local);
    else if (kind <= 2) this.#constant(type);
    else if (kind <= 5) this.#operation(type, depth);
    else if (kind === 6) {
      this.#value(type, depth - 1);
      if (local !== undefined) writer.byte(OP.localTee).u32(local);
    } else if (kind === 7) {
      this.#begin(OP.block, [type]);
      if (this.#chance(2)) this.#statements(depth - 1);
      this.#value(type, depth - 1);
      this.#end();
    } else if (kind === 8) {
      this.#value(i32, depth - 1);
      this.#begin(OP.if, [type]);
      this.#value(type, depth - 1);
      writer.byte(OP.else);
      this.#value(type, depth - 1);
      this.#end();
    } else if (kind === 9) {
      this.#begin(OP.loop, [type]);
      this.#burn();
      this.#statements(depth - 1);
      this.#value(type, depth - 1);
      this.#end();
    } else if (kind === 10) {
      this.#value(type, depth - 1);
      this.#value(type, depth - 1);
      this.#value(i32, depth - 1);
      writer.byte(OP.select);
    } else if (kind === 11) this.#result(type, depth);
    else this.#changed(type, depth);
  }

  /** What a function returns. */
  #result(type: number, depth: number): void {
    const callee = this.#callee(({ results }) => results.includes(type));
    if (callee === undefined) {
      this.#constant(type);
      return;
    }
    const results = this.#functions[callee]?.results ?? [];
    this.#call(callee, depth - 1);
    // of several results the first one that fits stays
    const local = this.#localOf(type);
    for (let index = results.length - 1; index > results.indexOf(type); index--) this.#writer.byte(OP.drop);
    if (results.indexOf(type) > 0) {
      if (local === undefined) {
        for (let index = results.indexOf(type); index >= 0; index--) this.#writer.byte(OP.drop);
        this.#constant(type);
        return;
      }
      this.#writer.byte(OP.localSet).u32(local);
      for (let index = results.indexOf(type); index > 0; index--) this.#writer.byte(OP.drop);
      this.#writer.byte(OP.localGet).u32(local);
    }
  }

  #constant(type: number): void {
    const writer = this.#writer;
    if (type === i32 && this.#isLinked && this.#chance(3)) {
      // as long as wasm-ld makes it
      const index = FIRST_GOT_ENTRY + this.#random(GOT_ENTRIES);
      writer.byte(OP.globalGet).put(Uint8Array.of(index | 0x80, 0x80, 0x80, 0x80, 0));
    } else if (type === i32) this.#const(this.#random(1000) - 100);
    else if (type === i64) writer.byte(OP.i64Const).s32(this.#random(1000) - 100);
    else if (type === f32) writer.byte(OP.f32Const).put(new Uint8Array(Float32Array.of(this.#random(100) / 4).buffer));
    else writer.byte(OP.f64Const).put(new Uint8Array(Float64Array.of(this.#random(100) / 4).buffer));
  }

  #operation(type: number, depth: number): void {
    const writer = this.#writer;
    if (type === i32 && this.#chance(2)) {
      const kind = this.#random(6);
      if (kind <= 1) writer.byte(OP.call).u32(IMPORTED.fork);
      else if (kind === 2) {
        this.#value(i64, depth - 1);
        writer.byte(0xa7); // i32.wrap_i64
      } else if (kind === 3) {
        this.#value(f64, depth - 1);
        writer.byte(OP.prefixMisc).u32(2); // i32.trunc_sat_f64_s
      } else if (kind === 4) {
        this.#value(f32, depth - 1);
        writer.byte(OP.prefixMisc).u32(0); // i32.trunc_sat_f32_s
      } else {
        this.#const(4 * this.#random(16));
        writer.byte(0x28).byte(2).u32(0); // i32.load
      }
      return;
    }
    if (type === i64 && this.#chance(3)) {
      this.#value(i32, depth - 1);
      writer.byte(0xac); // i64.extend_i32_s
      return;
    }
    this.#value(type, depth - 1);
    this.#value(type, depth - 1);
    const operations = new Map<number, number[]>([
      [i32, [0x6a, 0x6b, 0x73]],
      [i64, [0x7c, 0x7d, 0x85]],
      [f32, [0x92, 0x93]],
      [f64, [0xa0, 0xa1]],
    ]);
    writer.byte(this.#pick(operations.get(type) ?? []));
  }
}

export function randomProgram(seed: number, kind: ProgramKind = 'forking'): Uint8Array<ArrayBuffer> {
  const random = randomNumbers(seed);
  const pick = (list: readonly number[], count: number) =>
    Array.from({ length: random(count + 1) }, () => list[random(list.length)] as number);
  const functions: FunctionType[] = [{ params: [i32, i64], results: [i32] }];
  for (let count = 2 + random(4); count > 0; count--) {
    functions.push({ params: pick(NUMBERS, 3), results: pick(NUMBERS, random(4) === 0 ? 3 : 1) });
  }
  const types: FunctionType[] = [{ params: [], results: [i32] }, { params: [i32], results: [] }, ...functions];
  const bodies = functions.map((_, index) => new BodyMaker(random, types, functions, index, kind).run());

  const section = (id: number, elements: readonly Uint8Array[]) => {
    const writer = new Writer().u32(elements.length);
    for (const element of elements) writer.put(element);
    return { id, name: '', payload: writer.finish() };
  };
  const vector = (bytes: readonly number[]) => [bytes.length, ...bytes];
  const entry = (name: string) => new Writer().text('env').text(name);
  const indices = functions.map((_, index) => IMPORTS + index);
  const isLinked = kind === 'linked';
  const limits = isLinked ? [LIMIT.hasMaximum | LIMIT.shared, 1, MOST_PAGES] : [0, 1];
  const entries = Array.from({ length: isLinked ? GOT_ENTRIES : 0 }, (_, index) => index);
  const sections = [
    section(
      SECTION.type,
      types.map(({ params, results }) => Uint8Array.of(0x60, ...vector(params), ...vector(results))),
    ),
    section(SECTION.import, [
      entry(isLinked ? 'wasmlinux_fork' : 'fork')
        .byte(EXTERNAL.function)
        .u32(0)
        .finish(),
      entry('log').byte(EXTERNAL.function).u32(1).finish(),
      entry('memory').byte(EXTERNAL.memory).put(Uint8Array.from(limits)).finish(),
    ]),
    section(
      SECTION.function,
      functions.map((_, index) => Uint8Array.of(index + 2)),
    ),
    section(SECTION.table, [Uint8Array.of(VALUE.funcref, 0, functions.length)]),
    section(
      SECTION.tag,
      Array.from({ length: TAGS }, () => Uint8Array.of(0, 1)),
    ),
    section(SECTION.global, [
      new Writer().byte(i32).byte(1).byte(OP.i32Const).s32(FUEL).byte(OP.end).finish(),
      new Writer().byte(i32).byte(1).byte(OP.i32Const).s32(0).byte(OP.end).finish(),
      ...entries.map(() =>
        new Writer()
          .byte(i32)
          .byte(0)
          .byte(OP.i32Const)
          .s32(random(2 ** 32))
          .byte(OP.end)
          .finish(),
      ),
    ]),
    section(SECTION.export, [
      new Writer().text('run').byte(EXTERNAL.function).u32(IMPORTS).finish(),
      new Writer().text('number').byte(EXTERNAL.global).u32(GLOBAL.number).finish(),
    ]),
    section(SECTION.element, [Uint8Array.of(0, OP.i32Const, 0, OP.end, ...vector(indices))]),
    section(
      SECTION.code,
      bodies.map((body) => new Writer().u32(body.length).put(body).finish()),
    ),
  ];
  const names = entries.map((index) => [FIRST_GOT_ENTRY + index, `GOT.data.internal.symbol${index}`] as const);
  return writeModule(isLinked ? withGlobalNames(sections, new Map(names)) : sections);
}
