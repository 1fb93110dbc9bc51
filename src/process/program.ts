// SPDX-License-Identifier: MIT
/** A program: a compiled module, what the loader knows of it, and what its first instance looked like at its beginning. */

import { codeOffset, readModule, writeModule } from '../wasm/module.ts';
import { withBoundedGrowth } from './bounded-growth.ts';
import { type ProgramLimits, type ProgramShape, readProgramShape } from './program-shape.ts';

/** Memory and globals of an instance before its entry has run. */
export interface InitialState {
  /** Address of `memory`: below it there are zeros only (the stack, which a linker may put first). */
  readonly offset: number;
  /** Without the zeros before and behind it. */
  readonly memory: Uint8Array;
  /** Of the exported mutable globals, in the order of ProgramShape.mutableGlobals. */
  readonly globals: readonly number[];
}

export class Program {
  readonly module: WebAssembly.Module;
  readonly shape: ProgramShape;
  /** Where the contents of the code section begin: for reports that name lines. */
  readonly codeOffset: number;
  /** Bytes of the module. */
  readonly size: number;
  /** Found by a key, so that more instances will be wanted. */
  cached = false;
  initialState: InitialState | undefined;

  /** Throws UnsuitableModule, or the engine's CompileError. */
  constructor(bytes: Uint8Array<ArrayBuffer>, limits: ProgramLimits) {
    const sections = readModule(bytes);
    this.shape = readProgramShape(sections, limits);
    const bounded = withBoundedGrowth(sections, limits);
    const running = bounded === sections ? bytes : writeModule(bounded);
    this.module = new WebAssembly.Module(running);
    this.codeOffset = codeOffset(running);
    this.size = bytes.length;
  }
}
