// SPDX-License-Identifier: MIT
/**
 * One instance of a program with all that belongs to it: memory, shim, and its block of slots in the kernel's table. It
 * serves one address space at a time, and, put back to its beginning, the next one (spaces.ts).
 */

import { shimFunctions } from '../machine/kernel-interface.ts';
import type { InitialState, Program } from './program.ts';
import { asyncifyFunctions, isAtRest } from './program-shape.ts';
import type { Shim, ShimFactory } from './shim.ts';
import type { SlotBlocks } from './slots.ts';
import type { Trampoline } from './trampoline.ts';

/** Where things are in an instance's block of slots. */
const shimSlots = Object.keys(shimFunctions).length;
export const Slot = {
  shim: 0,
  entry: shimSlots,
  threadEntry: shimSlots + 1,
  asyncify: shimSlots + 2,
} as const;
export const SLOTS_PER_INSTANCE = Slot.asyncify + asyncifyFunctions.length;

/** What all instances of a machine share. */
export interface InstanceHost {
  readonly table: WebAssembly.Table;
  readonly slots: SlotBlocks;
  readonly shims: ShimFactory;
  readonly trampoline: Trampoline;
}

export class ProgramInstance {
  readonly program: Program;
  readonly memory: WebAssembly.Memory;
  readonly exports: WebAssembly.Exports;
  /** First of SLOTS_PER_INSTANCE slots of the kernel's table. */
  readonly firstSlot: number;
  readonly #shim: Shim;
  readonly #globals: readonly WebAssembly.Global[];
  #view: Uint8Array;

  /** memory: for a program that imports one. Throws what the engine throws. */
  constructor(host: InstanceHost, program: Program, memory: WebAssembly.Memory | undefined) {
    const { shape } = program;
    this.program = program;
    this.exports = instantiate(host.trampoline, program, memory);
    const { memory: ownMemory, __wasm_thread_entry: threadEntry } = this.exports;
    this.memory = memory ?? (ownMemory as WebAssembly.Memory);
    this.#view = new Uint8Array(this.memory.buffer);
    this.#globals = shape.mutableGlobals.map((name) => this.exports[name] as WebAssembly.Global);
    const { shared } = shape.memory;
    const shimShape = { globals: shape.globals, entry: shape.entry, shared, growsItself: !shape.isLinuxProfile };
    this.#shim = host.shims.make(shimShape, this.memory, this.exports);
    this.firstSlot = host.slots.take();
    this.#shim.functions.forEach((f, index) => {
      host.table.set(this.firstSlot + index, f);
    });
    if (shape.hasThreadEntry) host.table.set(this.firstSlot + Slot.threadEntry, threadEntry);
    if (shape.isAsyncified) {
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

  get isAtRest(): boolean {
    return isAtRest(this.exports);
  }

  /** To be called before the entry has run for the first time. */
  captureInitialState(): InitialState {
    const words = new Uint32Array(this.memory.buffer);
    let used = words.length;
    while (used > 0 && words[used - 1] === 0) used--;
    return { memory: this.bytes.slice(0, used * 4), globals: this.#globals.map((global) => global.value) };
  }

  /**
   * Puts memory and globals into the state given. All of the engine's memory behind the contents is wiped, whatever part of it
   * the last user was entitled to: a stray write of his must not reach the next one.
   */
  reset(contents: Uint8Array, globals: readonly number[]): void {
    this.bytes.set(contents);
    this.#shim.clear(contents.length, this.bytes.length - contents.length);
    for (let i = 0; i < globals.length; i++) (this.#globals[i] as WebAssembly.Global).value = globals[i] as number;
  }

  /** Values of the exported mutable globals, in the order that `reset` takes. */
  get globalValues(): number[] {
    return this.#globals.map((global) => global.value);
  }
}

function instantiate(
  trampoline: Trampoline,
  { module }: Program,
  memory: WebAssembly.Memory | undefined,
): WebAssembly.Exports {
  const functions = {
    wasmlinux_syscall32: trampoline.syscall32,
    wasmlinux_fork: trampoline.fork,
    wasmlinux_vfork: trampoline.vfork,
  };
  const env = memory ? { ...functions, memory } : functions;
  trampoline.closed.value = 1;
  try {
    return new WebAssembly.Instance(module, { env }).exports;
  } finally {
    trampoline.closed.value = 0;
  }
}
