// SPDX-License-Identifier: MIT
/**
 * The shim of an address space: a module with two memories, the kernel's (0) and the program's (1), through which the kernel
 * reaches user memory by call_indirect, wasm to wasm. What each function does stands in the kernel's interface
 * (shimFunctions). The same module also holds the program's normalised entry (entry-adapter.ts).
 *
 * Variants differ in which of the three globals the program has and how it is entered; each is compiled once per machine.
 */

import { shimFunctions } from '../machine/kernel-interface.ts';
import type { ImportedMemory } from '../machine/kernel-memory.ts';
import {
  BLOCK_VOID,
  MEMARG_INDEX,
  type MemoryType,
  ModuleBuilder,
  OP,
  OP_FC,
  sleb,
  TYPE,
  uleb,
  V128,
} from '../wasm/builder.ts';
import { adapterBody, type Entry } from './entry-adapter.ts';

/** What the kernel saves and loads when it switches between two tasks of one address space. */
export const switchedGlobals = ['__stack_pointer', '__wasm_tp', '__tls_base'] as const;
export type SwitchedGlobal = (typeof switchedGlobals)[number];

export interface ShimShape {
  readonly globals: ReadonlySet<SwitchedGlobal>;
  readonly entry: Entry;
  /** The program may call memory.grow itself, so the kernel must ask for the memory's size. */
  readonly growsItself: boolean;
}

type ShimFunction = keyof typeof shimFunctions;

/** Bytes that is_zero looks at at once. */
const ZERO_STEP = 256;
/** Bytes that wipe looks at and fills at once. */
export const WIPE_STEP = 4096;

const KERNEL = 0;
const USER = 1;
const get = (...locals: number[]) => locals.flatMap((local) => [OP.local_get, local]);
const copy = (to: number, from: number) => [OP.prefix_fc, OP_FC.memory_copy, to, from];

/** An opcode's bytes with a memory's index; no alignment is promised. */
const access = (opcode: number | readonly number[], memory: number) => [opcode, MEMARG_INDEX, memory, 0].flat();

/** For each width: how a value of so many bytes is loaded and stored. */
const widths = {
  1: [OP.i32_load8_u, OP.i32_store8],
  4: [OP.i32_load, OP.i32_store],
  8: [OP.i64_load, OP.i64_store],
  16: [V128.load, V128.store],
} as const;

/**
 * Body of copy_to and copy_from, (target, source, bytes). Most copies are small (six words of a system call, a timespec, a
 * byte), and memory.copy is a call of a C function (some 10 ns): up to 64 bytes are copied by loads and stores of one width,
 * from both ends, so that they overlap in the middle.
 */
function copyBody(to: number, from: number): number[] {
  const [target, source, bytes] = [0, 1, 2];
  const atLeast = (limit: number) => [...get(bytes), OP.i32_const, ...sleb(limit), OP.i32_ge_u];
  const moreThan = (limit: number) => [...get(bytes), OP.i32_const, ...sleb(limit), OP.i32_gt_u];
  /** Moves a value to where it was in the source: `offset`, code that leaves a number. */
  const move = (width: keyof typeof widths, offset: readonly number[]) => [
    ...[...get(target), ...offset, OP.i32_add, ...get(source), ...offset, OP.i32_add],
    ...[...access(widths[width][0], from), ...access(widths[width][1], to)],
  ];
  const fromStart = (offset: number) => [OP.i32_const, ...sleb(offset)];
  const fromEnd = (offset: number) => [...get(bytes), OP.i32_const, ...sleb(offset), OP.i32_sub];
  // biome-ignore format: nested as the blocks are
  return [
    ...atLeast(16), OP.if, BLOCK_VOID,
      ...moreThan(64), OP.if, BLOCK_VOID, ...get(target, source, bytes), ...copy(to, from), OP.return, OP.end,
      ...move(16, fromStart(0)), ...move(16, fromEnd(16)),
      ...moreThan(32), OP.if, BLOCK_VOID, ...move(16, fromStart(16)), ...move(16, fromEnd(32)), OP.end,
      OP.return,
    OP.end,
    ...atLeast(8), OP.if, BLOCK_VOID, ...move(8, fromStart(0)), ...move(8, fromEnd(8)), OP.return, OP.end,
    ...atLeast(4), OP.if, BLOCK_VOID, ...move(4, fromStart(0)), ...move(4, fromEnd(4)), OP.return, OP.end,
    ...get(bytes), OP.i32_eqz, OP.if, BLOCK_VOID, OP.return, OP.end,
    // One to three.
    ...move(1, fromStart(0)), ...move(1, [...get(bytes), OP.i32_const, 1, OP.i32_shr_u]), ...move(1, fromEnd(1)),
  ];
}

/** Walks a string in user memory; `onByte`: what is done with the byte in local `byte`. */
function stringLoop(string: number, limit: number, index: number, byte: number, onByte: readonly number[]): number[] {
  // biome-ignore format: nested as the blocks are
  return [
    OP.loop, BLOCK_VOID,
      ...get(index, limit), OP.i32_ge_u, OP.if, BLOCK_VOID, ...get(limit), OP.return, OP.end,
      ...get(string, index), OP.i32_add, OP.i32_load8_u, MEMARG_INDEX, USER, 0, OP.local_set, byte,
      ...onByte,
      ...get(byte), OP.i32_eqz, OP.if, BLOCK_VOID, ...get(index), OP.return, OP.end,
      ...get(index), OP.i32_const, 1, OP.i32_add, OP.local_set, index,
      OP.br, 0,
    OP.end,
    OP.unreachable,
  ];
}

/** Body of is_zero(address, end): are all bytes in [address, end) zero? Both are multiples of ZERO_STEP. Up to 150 GB/s. */
function isZeroBody(): number[] {
  const load = (offset: number) => [...get(0), ...V128.load, 4 | MEMARG_INDEX, USER, ...uleb(offset)];
  const or = (from: number, bytes: number): number[] =>
    bytes === 16 ? load(from) : [...or(from, bytes / 2), ...or(from + bytes / 2, bytes / 2), ...V128.or];
  // biome-ignore format: nested as the blocks are
  return [
    OP.loop, BLOCK_VOID,
      ...get(0, 1), OP.i32_ge_u, OP.if, BLOCK_VOID, OP.i32_const, 1, OP.return, OP.end,
      ...or(0, ZERO_STEP), ...V128.any_true,
      OP.if, BLOCK_VOID, OP.i32_const, 0, OP.return, OP.end,
      ...get(0), OP.i32_const, ...sleb(ZERO_STEP), OP.i32_add, OP.local_set, 0,
      OP.br, 0,
    OP.end,
    OP.unreachable,
  ];
}

/**
 * Body of wipe(address, end): zeroes [address, end), both multiples of WIPE_STEP, by looking first: reading is two to three times
 * as fast as filling, and most of a stack was never used.
 */
function wipeBody(isZero: number): number[] {
  const step = [OP.i32_const, ...sleb(WIPE_STEP)];
  // biome-ignore format: nested as the blocks are
  return [
    OP.loop, BLOCK_VOID,
      ...get(0, 1), OP.i32_ge_u, OP.if, BLOCK_VOID, OP.return, OP.end,
      ...get(0, 0), ...step, OP.i32_add, OP.call, ...uleb(isZero), OP.i32_eqz,
      OP.if, BLOCK_VOID, ...get(0), OP.i32_const, 0, ...step, OP.prefix_fc, OP_FC.memory_fill, USER, OP.end,
      ...get(0), ...step, OP.i32_add, OP.local_set, 0,
      OP.br, 0,
    OP.end,
  ];
}

/** Body of same(user, kernel, n): are the n bytes at both addresses the same? n is a multiple of 64. 50 GB/s in the caches. */
function sameBody(): number[] {
  const [user, kernel, end] = [0, 1, 2];
  const difference = (offset: number) => [
    ...get(user),
    ...V128.load,
    ...[4 | MEMARG_INDEX, USER, offset],
    ...get(kernel),
    ...V128.load,
    ...[4 | MEMARG_INDEX, KERNEL, offset],
    ...V128.xor,
  ];
  const advance = (address: number) => [...get(address), OP.i32_const, ...sleb(64), OP.i32_add, OP.local_set, address];
  // biome-ignore format: nested as the blocks are
  return [
    ...get(user, end), OP.i32_add, OP.local_set, end,
    OP.loop, BLOCK_VOID,
      ...get(user, end), OP.i32_ge_u, OP.if, BLOCK_VOID, OP.i32_const, 1, OP.return, OP.end,
      ...difference(0), ...difference(16), ...V128.or, ...difference(32), ...V128.or, ...difference(48), ...V128.or,
      ...V128.any_true, OP.if, BLOCK_VOID, OP.i32_const, 0, OP.return, OP.end,
      ...advance(user), ...advance(kernel),
      OP.br, 0,
    OP.end,
    OP.unreachable,
  ];
}

function shimModule(shape: ShimShape, kernelMemory: MemoryType): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder('wasmlinux.shim');
  builder.importMemory('kernel', 'memory', kernelMemory);
  builder.importMemory('user', 'memory', { minimum: 0, maximum: undefined, shared: false });
  const globals = switchedGlobals.map((name) =>
    shape.globals.has(name) ? builder.importGlobal('user', name, TYPE.i32) : undefined,
  );
  const { params, results } = shape.entry.type;
  const entry = builder.importFunction('user', 'entry', builder.type(params, results));
  const value = (global: number | undefined) =>
    global === undefined ? [OP.i32_const, 0] : [OP.global_get, ...uleb(global)];

  // biome-ignore format: one line a function
  const bodies: Record<ShimFunction, { body: readonly number[]; locals?: number }> = {
    copy_from: { body: copyBody(KERNEL, USER) },
    copy_to: { body: copyBody(USER, KERNEL) },
    move: { body: [...get(0, 1, 2), ...copy(USER, USER)] },
    clear: { body: [...get(0), OP.i32_const, 0, ...get(1), OP.prefix_fc, OP_FC.memory_fill, USER] },
    same: { body: sameBody() },
    load32: { body: [...get(0), OP.i32_load, 2 | MEMARG_INDEX, USER, 0] },
    store32: { body: [...get(0, 1), OP.i32_store, 2 | MEMARG_INDEX, USER, 0] },
    strncpy_from: {
      body: stringLoop(1, 2, 3, 4, [...get(0, 3), OP.i32_add, ...get(4), OP.i32_store8, 0, 0]),
      locals: 2,
    },
    strnlen: { body: stringLoop(0, 1, 2, 3, []), locals: 2 },
    memory_size: {
      body: shape.growsItself ? [OP.memory_size, USER, OP.i32_const, 16, OP.i32_shl] : [OP.i32_const, 0],
    },
    save_globals: { body: globals.flatMap((global, i) => [...get(0), ...value(global), OP.i32_store, 2, i * 4]) },
    load_globals: {
      body: globals.flatMap((global, i) =>
        global === undefined ? [] : [...get(0), OP.i32_load, 2, i * 4, OP.global_set, ...uleb(global)],
      ),
    },
  };
  for (const [name, { params, result }] of Object.entries(shimFunctions)) {
    const type = builder.type(
      params.map(() => TYPE.i32),
      result === 'void' ? [] : [TYPE.i32],
    );
    const { body, locals = 0 } = bodies[name as ShimFunction];
    builder.function(type, body, { locals, exportName: name });
  }
  builder.function(builder.type([TYPE.i32, TYPE.i32], [TYPE.i32]), adapterBody(shape.entry, entry), {
    exportName: 'entry',
  });
  const isZero = builder.functionCount;
  builder.function(builder.type([TYPE.i32, TYPE.i32], [TYPE.i32]), isZeroBody(), { exportName: 'is_zero' });
  builder.function(builder.type([TYPE.i32, TYPE.i32], []), wipeBody(isZero), { exportName: 'wipe' });
  return builder.finish();
}

/** An instance of a shim. */
export interface Shim {
  /** The functions in the order of the table slots: those of shimFunctions, then the entry. */
  readonly functions: readonly WebAssembly.ExportFunction[];
  readonly clear: (address: number, bytes: number) => void;
  /** Are all bytes up to `end` zero? Both are multiples of ZERO_STEP. */
  readonly isZero: (address: number, end: number) => number;
  /** Zeroes what lies up to `end`. Both are multiples of WIPE_STEP. */
  readonly wipe: (address: number, end: number) => void;
}

/** Makes shims; keeps the compiled variants. */
export class ShimFactory {
  readonly #kernel: ImportedMemory;
  readonly #modules = new Map<string, WebAssembly.Module>();

  constructor(kernel: ImportedMemory) {
    this.#kernel = kernel;
  }

  make(shape: ShimShape, memory: WebAssembly.Memory, exports: WebAssembly.Exports): Shim {
    const { globals, entry, growsItself } = shape;
    const key = `${[...globals].sort()} ${entry.type.params}:${entry.type.results} ${growsItself}`;
    let module = this.#modules.get(key);
    if (!module) {
      module = new WebAssembly.Module(shimModule(shape, this.#kernel.type));
      this.#modules.set(key, module);
    }
    const user: WebAssembly.ModuleImports = Object.fromEntries([
      ['memory', memory],
      ['entry', exports[entry.name] as WebAssembly.ExportFunction],
      ...[...globals].map((name) => [name, exports[name] as WebAssembly.Global] as const),
    ]);
    const made = new WebAssembly.Instance(module, { kernel: { memory: this.#kernel.memory }, user }).exports;
    const { clear, is_zero: isZero, wipe } = made;
    const names = [...Object.keys(shimFunctions), 'entry'];
    return {
      functions: names.map((name) => made[name] as WebAssembly.ExportFunction),
      clear: clear as Shim['clear'],
      isZero: isZero as Shim['isZero'],
      wipe: wipe as Shim['wipe'],
    };
  }
}
