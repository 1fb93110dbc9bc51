// SPDX-License-Identifier: MIT
/**
 * Takes in modules from the kernel piece by piece, compiles them, and keeps them under the kernel's keys. Owns the handles
 * of loads and programs. What is kept is bounded by the bytes of the modules; the least recently used goes first.
 *
 * A key names a file. Another file, or the same one written again, may have the same contents; where these have to be given polls,
 * which takes a hundred times as long as to compare them, the program that was made of them before is found. By all bytes, not by a
 * hash of them: they are there on both sides, and nobody can make two modules that are taken for each other.
 */

import { MalformedModule } from '../wasm/binary.ts';
import { Program } from './program.ts';
import type { Steps } from '../wasm/steps.ts';
import { UnsuitableModule } from './module-safety.ts';
import type { ProgramLimits } from './program-shape.ts';

export const ENOEXEC = 8;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EINVAL = 22;

interface Load {
  /** Is its note's word on polls believed? */
  readonly isTrusted: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
  length: number;
  /** What is left to do when all of it is there. */
  steps?: Steps<Program>;
}

/** What a key counts as, so that nobody has the host keep any number of them for one program. */
const KEY_BYTES = 1024;

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

/** What keeping it takes, beside its keys. */
const keptSize = ({ size, original }: Program) => size + (original?.length ?? 0);

/** Both begin at the start of their buffers. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  const words = one.length >> 2;
  const ones = new Int32Array(one.buffer, 0, words);
  const others = new Int32Array(other.buffer, 0, words);
  for (let i = 0; i < words; i++) if (ones[i] !== others[i]) return false;
  for (let i = words * 4; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

export class ModuleCache {
  readonly #options: ModuleCacheOptions;
  readonly #loads = new Map<number, Load>();
  readonly #programs = new Map<number, Program>();
  /** In the order of their last use. */
  readonly #kept = new Map<string, Program>();
  /** How many keys each has. */
  readonly #keys = new Map<Program, number>();
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

  /** key '': the program is not kept. -EAGAIN: a piece of the work is done, to be called again. */
  commit(handle: number, key: string): number {
    const load = this.#loads.get(handle);
    if (!load || load.length !== load.bytes.length) {
      this.#loads.delete(handle);
      return -EINVAL;
    }
    load.steps ??= this.#make(load);
    let program: Program;
    try {
      const step = load.steps.next();
      if (!step.done) return -EAGAIN;
      this.#loads.delete(handle);
      program = step.value;
    } catch (error) {
      this.#loads.delete(handle);
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

  *#make({ bytes, isTrusted }: Load): Steps<Program> {
    for (const program of this.#keys.keys()) {
      const isLikely = program.isTrusted === isTrusted && program.original?.length === bytes.length;
      if (isLikely && isSame(program.original, bytes)) return program;
      if (isLikely) yield;
    }
    return yield* Program.steps(bytes, this.#options.limits, isTrusted);
  }

  #handle(program: Program): number {
    this.#programs.set(this.#nextHandle, program);
    return this.#nextHandle++;
  }

  #keep(key: string, program: Program): void {
    this.#drop(key);
    const keys = this.#keys.get(program) ?? 0;
    if (keys === 0) this.#keptBytes += keptSize(program);
    this.#keptBytes += KEY_BYTES;
    program.cached = true;
    this.#keys.set(program, keys + 1);
    this.#kept.set(key, program);
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= this.#options.capacity || oldest === key) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const program = this.#kept.get(key);
    if (!program) return;
    this.#kept.delete(key);
    this.#keptBytes -= KEY_BYTES;
    const keys = (this.#keys.get(program) ?? 0) - 1;
    this.#keys.set(program, keys);
    if (keys > 0) return;
    this.#keys.delete(program);
    this.#keptBytes -= keptSize(program);
    program.cached = false;
    this.#options.onEvict(program);
  }
}
