// SPDX-License-Identifier: MIT
/**
 * One instance of a program with all that belongs to it: memory, shim, and its block of slots in the kernel's table. It
 * serves one address space at a time, and, put back to its beginning, the next one (spaces.ts).
 */

import { hostSpaceFields, shimFunctions } from '../machine/kernel-interface.ts';
import { FRAMES_IMPORT } from '../wasm/frames-memory.ts';
import type { InitialState, Program, Range } from './program.ts';
import { ASYNCIFY_STATE, asyncifyFunctions, type ProgramShape } from './program-shape.ts';
import { type Shim, type ShimFactory, WIPE_STEP } from './shim.ts';
import type { SlotBlocks } from './slots.ts';
import type { Trampoline } from './trampoline.ts';

/** Where things are in an instance's block of slots. */
const shimSlots = Object.keys(shimFunctions).length;
export const Slot = {
  shim: 0,
  entry: shimSlots,
  threadEntry: shimSlots + 1,
  handlerEntry: shimSlots + 2,
  asyncify: shimSlots + 3,
} as const;
export const SLOTS_PER_INSTANCE = Slot.asyncify + asyncifyFunctions.length;

/** Bytes up to which a memory is copied without looking for zeros: looking costs as much as copying. */
const COPIED_WHOLE = 1 << 20;
/** Bytes that are looked at and copied at once. */
const COPY_STEP = 16384;

/** What all instances of a machine share. */
export interface InstanceHost {
  readonly table: WebAssembly.Table;
  readonly slots: SlotBlocks;
  readonly shims: ShimFactory;
  readonly trampoline: Trampoline;
  readonly frames: WebAssembly.Memory;
}

export class ProgramInstance {
  readonly program: Program;
  readonly memory: WebAssembly.Memory;
  readonly exports: WebAssembly.Exports;
  /** First of SLOTS_PER_INSTANCE slots of the kernel's table. */
  readonly firstSlot: number;
  /** struct host_space of its address space, but for what differs from one space to the next: `id` and `size`. */
  readonly description: number[];
  readonly #shim: Shim;
  readonly #globals: readonly WebAssembly.Global[];
  #view: Uint8Array;

  /** memory: for a program that imports one. Throws what the engine throws. */
  constructor(host: InstanceHost, program: Program, memory: WebAssembly.Memory | undefined) {
    const { shape } = program;
    this.program = program;
    this.exports = instantiate(host, program, memory);
    const { memory: ownMemory, __wasm_thread_entry: threadEntry, __wasm_handler_entry: handlerEntry } = this.exports;
    this.memory = memory ?? (ownMemory as WebAssembly.Memory);
    this.#view = new Uint8Array(this.memory.buffer);
    this.#globals = shape.mutableGlobals.map((name) => this.exports[name] as WebAssembly.Global);
    const shimShape = { globals: shape.globals, entry: shape.entry, growsItself: !shape.isLinuxProfile };
    this.#shim = host.shims.make(shimShape, this.memory, this.exports);
    this.firstSlot = host.slots.take();
    this.description = describe(shape, this.firstSlot);
    this.#shim.functions.forEach((f, index) => {
      host.table.set(this.firstSlot + index, f);
    });
    if (shape.hasThreadEntry) host.table.set(this.firstSlot + Slot.threadEntry, threadEntry);
    if (shape.hasHandlerEntry) host.table.set(this.firstSlot + Slot.handlerEntry, handlerEntry);
    if (shape.canFork) {
      asyncifyFunctions.forEach((name, index) => {
        host.table.set(this.firstSlot + Slot.asyncify + index, this.exports[name]);
      });
    }
  }

  /** The engine's memory, all of it. Valid until the memory grows. */
  get bytes(): Uint8Array {
    if (this.#view.buffer !== this.memory.buffer) this.#view = new Uint8Array(this.memory.buffer);
    return this.#view;
  }

  /** Lets the engine's memory have at least so many bytes. Throws a RangeError when it can't. */
  reserve(bytes: number): void {
    const missing = bytes - this.bytes.length;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536));
  }

  /**
   * Has it no unwinding or rewinding half done? Asks the program: the only code of it that runs beneath JavaScript, which just
   * gives the value of a global (isGlobalGetter), since only what is resettable is asked.
   */
  get isAtRest(): boolean {
    const state = this.exports[ASYNCIFY_STATE] as (() => number) | undefined;
    return !state || !this.program.shape.canFork || state() === 0;
  }

  /** To be called before the entry has run for the first time. */
  captureInitialState(): InitialState {
    const words = new Uint32Array(this.memory.buffer);
    let end = words.length;
    while (end > 0 && words[end - 1] === 0) end--;
    let begin = 0;
    while (begin < end && words[begin] === 0) begin++;
    return { offset: begin * 4, memory: this.bytes.slice(begin * 4, end * 4), globals: this.globalValues };
  }

  /**
   * Puts memory and globals into a state. All of the engine's memory outside the contents is wiped, whatever part of it the last
   * user was entitled to: a stray write of his must not reach the next one.
   */
  reset({ offset, memory, globals }: InitialState): void {
    const { bytes } = this;
    this.#wipe(0, offset);
    bytes.set(memory, offset);
    this.#wipe(offset + memory.length, bytes.length);
    this.#setGlobals(globals);
  }

  /**
   * Makes memory and globals the same as another instance's of the program, up to `size` bytes, but for a range of whole WIPE_STEPs
   * that is unused, which becomes zero here. zeroFrom: this memory is known to be zero from there on.
   */
  copyFrom(other: ProgramInstance, size: number, unused: Range, zeroFrom: number): void {
    const isLarge = size > COPIED_WHOLE;
    this.#copy(other, 0, unused.begin, zeroFrom, isLarge);
    this.#wipe(unused.begin, Math.min(unused.end, zeroFrom));
    this.#copy(other, unused.end, size, zeroFrom, isLarge);
    this.#wipe(size, Math.min(this.bytes.length, zeroFrom));
    this.#setGlobals(other.globalValues);
  }

  /** What is zero is not copied when there is much: most pages of a large memory were never touched, and shall not be touched here. */
  #copy(other: ProgramInstance, begin: number, end: number, zeroFrom: number, looks: boolean): void {
    const from = other.bytes;
    const to = this.bytes;
    const step = looks ? COPY_STEP : end - begin;
    for (let at = begin; at < end; at += step) {
      const stop = Math.min(at + step, end);
      if (looks && other.#shim.isZero(at, stop)) this.#wipe(at, Math.min(stop, zeroFrom));
      else to.set(from.subarray(at, stop), at);
    }
  }

  #wipe(begin: number, end: number): void {
    const first = Math.ceil(begin / WIPE_STEP) * WIPE_STEP;
    const last = Math.floor(end / WIPE_STEP) * WIPE_STEP;
    if (first >= last) {
      if (begin < end) this.#shim.clear(begin, end - begin);
      return;
    }
    if (begin < first) this.#shim.clear(begin, first - begin);
    this.#shim.wipe(first, last);
    if (last < end) this.#shim.clear(last, end - last);
  }

  #setGlobals(values: readonly number[]): void {
    for (let i = 0; i < values.length; i++) (this.#globals[i] as WebAssembly.Global).value = values[i] as number;
  }

  /** Values of the exported mutable globals, in the order of the shape's. */
  get globalValues(): number[] {
    return this.#globals.map((global) => global.value);
  }
}

function describe(shape: ProgramShape, first: number): number[] {
  const fields: Record<(typeof hostSpaceFields)[number], number> = {
    id: 0,
    shim: first + Slot.shim,
    entry: first + Slot.entry,
    entryKind: shape.entry.kind,
    threadEntry: shape.hasThreadEntry ? first + Slot.threadEntry : 0,
    handlerEntry: shape.hasHandlerEntry ? first + Slot.handlerEntry : 0,
    asyncify: shape.canFork ? first + Slot.asyncify : 0,
    size: 0,
    max: shape.memory.maximum * 65536,
    cards: shape.cards,
  };
  return hostSpaceFields.map((field) => fields[field]);
}

function instantiate(
  { trampoline, frames }: InstanceHost,
  { module }: Program,
  memory: WebAssembly.Memory | undefined,
): WebAssembly.Exports {
  const functions = {
    wasmlinux_syscall32: trampoline.syscall32,
    wasmlinux_preempt: trampoline.preempt,
    wasmlinux_fork: trampoline.fork,
    wasmlinux_vfork: trampoline.vfork,
    [FRAMES_IMPORT.name]: frames,
  };
  const env = memory ? { ...functions, memory } : functions;
  trampoline.closed.value = 1;
  try {
    return new WebAssembly.Instance(module, { env }).exports;
  } finally {
    trampoline.closed.value = 0;
  }
}
