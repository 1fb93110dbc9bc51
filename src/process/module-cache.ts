// SPDX-License-Identifier: MIT
/**
 * Takes in modules from the kernel piece by piece, compiles them, and keeps them under the kernel's keys. Owns the handles
 * of loads and programs. What is kept is bounded by the bytes of the modules; the least recently used goes first.
 */

import { MalformedModule } from '../wasm/binary.ts';
import { Program } from './program.ts';
import { UnsuitableModule } from './module-safety.ts';
import type { ProgramLimits } from './program-shape.ts';

export const ENOEXEC = 8;
export const ENOMEM = 12;
export const EINVAL = 22;

interface Load {
  /** Is its note's word on polls believed? */
  readonly isTrusted: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
  length: number;
}

export interface ModuleCacheOptions {
  readonly limits: ProgramLimits;
  /** Bytes of all modules that are kept. */
  readonly capacity: number;
  readonly log: (line: string) => void;
  /** The program is no longer kept: what is pooled for it can go. */
  readonly onEvict: (program: Program) => void;
}

/** A module that one build of the host could not compile for want of memory is not malformed. */
const isOutOfMemory = (error: unknown) => error instanceof RangeError;

export class ModuleCache {
  readonly #options: ModuleCacheOptions;
  readonly #loads = new Map<number, Load>();
  readonly #programs = new Map<number, Program>();
  /** In the order of their last use. */
  readonly #kept = new Map<string, Program>();
  #keptBytes = 0;
  #nextHandle = 1;

  constructor(options: ModuleCacheOptions) {
    this.#options = options;
  }

  /** A handle of the program that is kept under this key, or 0. */
  lookup(key: string): number {
    const program = this.#kept.get(key);
    if (!program) return 0;
    this.#kept.delete(key);
    this.#kept.set(key, program);
    return this.#handle(program);
  }

  begin(size: number, isTrusted: boolean): number {
    if (size > this.#options.limits.moduleBytes) {
      this.#options.log(`a program of ${size} bytes is not run: ${this.#options.limits.moduleBytes} is the most`);
      return -ENOEXEC;
    }
    const underWay = [...this.#loads.values()].reduce((sum, load) => sum + load.bytes.length, 0);
    if (underWay + size > this.#options.limits.moduleBytes) return -ENOMEM;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = new Uint8Array(size);
    } catch {
      return -ENOMEM;
    }
    this.#loads.set(this.#nextHandle, { isTrusted, bytes, length: 0 });
    return this.#nextHandle++;
  }

  append(handle: number, bytes: Uint8Array): number {
    const load = this.#loads.get(handle);
    if (!load || load.length + bytes.length > load.bytes.length) return -EINVAL;
    load.bytes.set(bytes, load.length);
    load.length += bytes.length;
    return 0;
  }

  /** key '': the program is not kept. */
  commit(handle: number, key: string): number {
    const load = this.#loads.get(handle);
    this.#loads.delete(handle);
    if (!load || load.length !== load.bytes.length) return -EINVAL;
    let program: Program;
    try {
      program = new Program(load.bytes, this.#options.limits, load.isTrusted);
    } catch (error) {
      if (isOutOfMemory(error)) return -ENOMEM;
      const isVerdict =
        error instanceof UnsuitableModule ||
        error instanceof WebAssembly.CompileError ||
        error instanceof MalformedModule;
      if (!isVerdict) throw error;
      this.#options.log(`a program of ${load.length} bytes is not run: ${error.message}`);
      return -ENOEXEC;
    }
    if (key !== '') this.#keep(key, program);
    return this.#handle(program);
  }

  abort(handle: number): void {
    this.#loads.delete(handle);
  }

  program(handle: number): Program | undefined {
    return this.#programs.get(handle);
  }

  release(handle: number): void {
    this.#programs.delete(handle);
  }

  #handle(program: Program): number {
    this.#programs.set(this.#nextHandle, program);
    return this.#nextHandle++;
  }

  #keep(key: string, program: Program): void {
    this.#drop(key);
    program.cached = true;
    this.#kept.set(key, program);
    this.#keptBytes += program.size;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= this.#options.capacity || oldest === key) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const program = this.#kept.get(key);
    if (!program) return;
    this.#kept.delete(key);
    this.#keptBytes -= program.size;
    program.cached = false;
    this.#options.onEvict(program);
  }
}
