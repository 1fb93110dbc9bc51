// SPDX-License-Identifier: MIT
/**
 * What the loader must know of a program before it makes an instance: its memory, its entry, its globals, and whether it is
 * a program that this kernel can run at all. Reads a module that the engine has already validated; refuses with one
 * sentence that a user understands.
 */

import { readAbiNote } from '../wasm/abi-note.ts';
import type { Reader } from '../wasm/binary.ts';
import { TYPE, type Type } from '../wasm/builder.ts';
import { FRAMES_IMPORT, FRAMES_PAGES } from '../wasm/frames-memory.ts';
import { FUNCTION_TYPE } from '../wasm/function-types.ts';
import { EXTERNAL, type Export, LIMIT, readExports, SECTION, type Section, sectionReader } from '../wasm/module.ts';
import { CARD_TABLE_BYTES } from '../wasm/store-marks.ts';
import { abiImports } from './abi-lists.ts';
import { type Entry, type FunctionType, findEntry, sameType } from './entry-adapter.ts';
import { checkSafety, isGlobalGetter, UnsuitableModule } from './module-safety.ts';
import { type SwitchedGlobal, switchedGlobals } from './shim.ts';

/** What a program may ask of the host at most. */
export interface ProgramLimits {
  /** Bytes of a module. */
  readonly moduleBytes: number;
  /** Pages of 64 KiB of a memory. */
  readonly pages: number;
  /** Slots of all tables together. */
  readonly tableSlots: number;
}

export const defaultLimits: ProgramLimits = { moduleBytes: 256 << 20, pages: 16384, tableSlots: 1 << 20 };

export interface ProgramMemory {
  /** Pages of 64 KiB. */
  readonly initial: number;
  /** At most ProgramLimits.pages, whatever the module declares. */
  readonly maximum: number;
  readonly declaredMaximum: number | undefined;
  /** env.memory; else the module's own. */
  readonly imported: boolean;
}

export interface ProgramShape {
  readonly memory: ProgramMemory;
  readonly entry: Entry;
  readonly globals: ReadonlySet<SwitchedGlobal>;
  /** Exports __wasm_thread_entry with the right type. */
  readonly hasThreadEntry: boolean;
  /** Exports __wasm_handler_entry with the right type. */
  readonly hasHandlerEntry: boolean;
  /** Exports the functions that switch its state (src/wasm/fork-capture.ts) and imports the frames memory, and JavaScript can copy its exported globals. */
  readonly canFork: boolean;
  /** Made by wasmlinux-cc: it leaves memory.grow to the kernel. */
  readonly isLinuxProfile: boolean;
  /** An instance's state is its memory and its exported globals, so that it can be put back to its beginning. */
  readonly isResettable: boolean;
  /** Exported mutable globals, one name each. */
  readonly mutableGlobals: readonly string[];
  /** Bytes of the stack that a program of the linux profile begins with, as its note says, else 0. */
  readonly stackSize: number;
  /** Address of its card table, as its note says, or 0. */
  readonly cards: number;
}

const { i32 } = TYPE;
const offeredFunctions: ReadonlyMap<string, FunctionType> = new Map(
  abiImports.flatMap(({ name, type }) => (type ? [[name, type]] : [])),
);
const threadEntryType: FunctionType = { params: [i32, i32, i32, i32], results: [] };

const handlerEntryType: FunctionType = { params: [i32], results: [] };

/** What the kernel calls to have frames leave and come back, by Asyncify's names, in the order of the kernel's slots. */
export const asyncifyFunctions = [
  'asyncify_start_unwind',
  'asyncify_stop_unwind',
  'asyncify_start_rewind',
  'asyncify_stop_rewind',
] as const;
const asyncifyTypes: readonly FunctionType[] = [
  { params: [i32], results: [] },
  { params: [], results: [] },
  { params: [i32], results: [] },
  { params: [], results: [] },
];
/** Asyncify's own mutable globals (state and data), which it resets itself. */
const ASYNCIFY_GLOBALS = 2;
/** () -> i32: 0 when nothing is being unwound or rewound. */
export const ASYNCIFY_STATE = 'asyncify_get_state';

export interface Limits {
  readonly minimum: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
}

export function readLimits(reader: Reader, what: string): Limits {
  const flags = reader.byte();
  if (flags & LIMIT.wide) throw new UnsuitableModule(`its ${what} has 64-bit addresses`);
  if (flags & LIMIT.customPageSize) throw new UnsuitableModule(`its ${what} has pages of another size than 64 KiB`);
  const minimum = reader.u32();
  const maximum = flags & LIMIT.hasMaximum ? reader.u32() : undefined;
  return { minimum, maximum, shared: (flags & LIMIT.shared) !== 0 };
}

function readTypes(sections: readonly Section[]): (FunctionType | undefined)[] {
  const reader = sectionReader(sections, SECTION.type);
  const types: (FunctionType | undefined)[] = [];
  const valueTypes = () => reader.vector((r) => r.byte() as Type);
  for (let count = reader.u32(); count > 0; count--) {
    // Types of the GC proposal: what follows can't be read, and no crossing of ours uses it.
    if (reader.byte() !== FUNCTION_TYPE) break;
    types.push({ params: valueTypes(), results: valueTypes() });
  }
  return types;
}

interface Globals {
  readonly mutable: readonly boolean[];
  readonly types: readonly number[];
}

/** The globals that the module defines; undefined when an initialiser is one that we do not read. */
function readGlobals(sections: readonly Section[]): Globals | undefined {
  const reader = sectionReader(sections, SECTION.global);
  const mutable: boolean[] = [];
  const types: number[] = [];
  for (let count = reader.u32(); count > 0; count--) {
    const type = reader.byte();
    // A reference to a type is longer than a byte.
    if (type === 0x63 || type === 0x64) return undefined;
    types.push(type);
    mutable.push(reader.byte() === 1);
    if (!skipConstant(reader)) return undefined;
  }
  return { mutable, types };
}

function skipConstant(reader: Reader): boolean {
  for (;;) {
    switch (reader.byte()) {
      case 0x0b: // end
        return true;
      case 0x23: // global.get
      case 0x41: // i32.const
      case 0x42: // i64.const
      case 0xd0: // ref.null
      case 0xd2: // ref.func
        reader.skipNumber();
        break;
      case 0x43: // f32.const
        reader.take(4);
        break;
      case 0x44: // f64.const
        reader.take(8);
        break;
      case 0x6a: // i32.add, sub, mul
      case 0x6b:
      case 0x6c:
      case 0x7c: // i64.add, sub, mul
      case 0x7d:
      case 0x7e:
        break;
      default:
        return false;
    }
  }
}

const FRAMES_NAME = `${FRAMES_IMPORT.module}.${FRAMES_IMPORT.name}`;

/** The engine would refuse it too, but as a failure of the host. */
function readFramesLimits(reader: Reader): void {
  const { minimum, maximum, shared } = readLimits(reader, 'memory for frames');
  if (shared || minimum > FRAMES_PAGES || maximum === undefined || maximum < FRAMES_PAGES) {
    throw new UnsuitableModule(`its ${FRAMES_NAME} is no unshared memory of ${FRAMES_PAGES} pages`);
  }
}

/** Reads and judges a module. Throws UnsuitableModule. */
export function readProgramShape(sections: readonly Section[], limits: ProgramLimits): ProgramShape {
  const types = readTypes(sections);
  const functionTypes: number[] = [];
  let memory: (Limits & { imported: boolean }) | undefined;
  let importsFrames = false;

  const imports = sectionReader(sections, SECTION.import);
  for (let count = imports.u32(); count > 0; count--) {
    const module = imports.text();
    const name = imports.text();
    const kind = imports.byte();
    const fullName = `${module}.${name}`;
    if (module === 'env' && name === 'memory' && kind === EXTERNAL.memory) {
      memory = { ...readLimits(imports, 'memory'), imported: true };
      continue;
    }
    if (fullName === FRAMES_NAME && kind === EXTERNAL.memory && memory?.imported && !importsFrames) {
      readFramesLimits(imports);
      importsFrames = true;
      continue;
    }
    const offered = module === 'env' ? offeredFunctions.get(name) : undefined;
    if (kind !== EXTERNAL.function || !offered) {
      throw new UnsuitableModule(`it imports ${fullName}, which the kernel does not offer`);
    }
    const index = imports.u32();
    const type = types[index];
    if (!type || !sameType(type, offered)) throw new UnsuitableModule(`it imports ${fullName} with a wrong type`);
    functionTypes.push(index);
  }

  const functions = sectionReader(sections, SECTION.function);
  for (let count = functions.u32(); count > 0; count--) functionTypes.push(functions.u32());

  const memories = sectionReader(sections, SECTION.memory);
  const ownMemories = memories.u32();
  if (ownMemories + (memory ? 1 : 0) > 1) throw new UnsuitableModule('it has more than one memory');
  if (ownMemories === 1) memory = { ...readLimits(memories, 'memory'), imported: false };

  const exports = readExports(sections);
  const exported = new Map(exports.map((item) => [item.name, item]));
  if (!memory) throw new UnsuitableModule('it has no memory');
  if (exported.get('memory')?.kind !== EXTERNAL.memory && !memory.imported) {
    throw new UnsuitableModule('it does not export its memory as "memory"');
  }
  if (memory.minimum > limits.pages) {
    throw new UnsuitableModule(`it wants ${memory.minimum} pages of memory; ${limits.pages} is the most`);
  }
  if (memory.shared) throw new UnsuitableModule('its memory is shared: a process has one thread of the engine');
  checkTables(sections, limits);
  checkSafety(sections, memory.minimum * 65536);

  const functionType = (name: string) => {
    const found = exported.get(name);
    return found?.kind === EXTERNAL.function ? types[functionTypes[found.index] ?? -1] : undefined;
  };
  const has = (name: string, wanted: FunctionType) => {
    const type = functionType(name);
    return type !== undefined && sameType(type, wanted);
  };
  const entry = findEntry(functionType);
  if (typeof entry === 'string') throw new UnsuitableModule(entry);
  const note = memory.imported ? readAbiNote(sections) : undefined;
  const isAsyncified = asyncifyFunctions.every((name, i) => has(name, asyncifyTypes[i] as FunctionType));
  const state = has(ASYNCIFY_STATE, { params: [], results: [i32] }) ? exported.get(ASYNCIFY_STATE) : undefined;
  // It is called beneath JavaScript, so it must be seen to end.
  const stateIsKnown = state !== undefined && isGlobalGetter(sections, state.index);
  const globals = judgeGlobals(readGlobals(sections), exports, isAsyncified, !isAsyncified || stateIsKnown);
  return {
    memory: {
      initial: memory.minimum,
      maximum: Math.min(memory.maximum ?? limits.pages, limits.pages),
      declaredMaximum: memory.maximum,
      imported: memory.imported,
    },
    entry,
    hasThreadEntry: has('__wasm_thread_entry', threadEntryType),
    hasHandlerEntry: has('__wasm_handler_entry', handlerEntryType),
    canFork: isAsyncified && importsFrames && globals.areNumeric,
    isLinuxProfile: note !== undefined,
    stackSize: note?.stackSize ?? 0,
    cards: cardTable(note?.cards ?? 0, memory.minimum),
    globals: globals.switched,
    isResettable: globals.areAll && globals.areNumeric,
    mutableGlobals: globals.mutable,
  };
}

/** One that does not lie in the program's memory is none. */
function cardTable(address: number, pages: number): number {
  return address % 65536 === 0 && address + CARD_TABLE_BYTES <= pages * 65536 ? address : 0;
}

function checkTables(sections: readonly Section[], limits: ProgramLimits): void {
  const reader = sectionReader(sections, SECTION.table);
  let slots = 0;
  for (let count = reader.u32(); count > 0; count--) {
    const type = reader.byte();
    if (type !== 0x70 && type !== 0x6f) throw new UnsuitableModule('it has a table of typed references');
    slots += readLimits(reader, 'table').minimum;
  }
  if (slots > limits.tableSlots) {
    throw new UnsuitableModule(`it wants tables of ${slots} slots; ${limits.tableSlots} is the most`);
  }
}

interface JudgedGlobals {
  readonly switched: ReadonlySet<SwitchedGlobal>;
  /** Exported mutable ones, one name each. */
  readonly mutable: readonly string[];
  /** The exported mutable ones are numbers: neither vectors, which JavaScript can't read, nor references to an instance. */
  readonly areNumeric: boolean;
  /** No other global is mutable, beside Asyncify's. */
  readonly areAll: boolean;
}

function judgeGlobals(
  defined: Globals | undefined,
  exports: readonly Export[],
  isAsyncified: boolean,
  stateIsKnown: boolean,
): JudgedGlobals {
  if (!defined) return { switched: new Set(), mutable: [], areNumeric: false, areAll: false };
  // No global can be imported, so that the indices are those of the global section.
  const byIndex = new Map<number, string>();
  const switched = new Set<SwitchedGlobal>();
  for (const { name, kind, index } of exports) {
    if (kind !== EXTERNAL.global || !defined.mutable[index]) continue;
    byIndex.set(index, name);
    const known = switchedGlobals.find((global) => global === name);
    if (known && defined.types[index] === TYPE.i32) switched.add(known);
  }
  const mutable = defined.mutable.filter(Boolean).length;
  const hidden = mutable - byIndex.size - (isAsyncified ? ASYNCIFY_GLOBALS : 0);
  return {
    switched,
    mutable: [...byIndex.values()],
    areNumeric: [...byIndex.keys()].every((index) => (defined.types[index] ?? 0) >= 0x7c),
    areAll: stateIsKnown && hidden <= 0,
  };
}
