// SPDX-License-Identifier: MIT
/**
 * The address spaces of a machine: makes them for exec and fork, lets them grow, and recycles their instances. Called from
 * the kernel's space_* imports (src/machine).
 *
 * An address space has a size, what the kernel has given the program, and an engine's memory that may be larger because it
 * has served before. The hot paths are a recycled create and a recycled fork: one copy, one fill, three globals.
 */

import { MemoryPool } from './memory-pool.ts';
import type { Program, Range } from './program.ts';
import { type InstanceHost, ProgramInstance } from './program-instance.ts';
import { WIPE_STEP } from './shim.ts';

/** Bytes of one memory that is kept at most, with an instance; and without, since filling it costs more than a new one. */
const LARGEST_KEPT = 32 << 20;
const LARGEST_RESET = 4 << 20;
/** Below a stack pointer, what is not taken for unused: no function that calls another has so large a red zone. */
const RED_ZONE = 1024;
/** Bytes that idle instances and idle memories may have, and what part of the machine's memory at most. */
const IDLE_BYTES = 64 << 20;
const IDLE_PART = 1 / 4;
/** What part of these the memories may have that are without an instance. */
const IDLE_MEMORY_PART = 1 / 4;
const IDLE_PER_PROGRAM = 16;
/** Bytes of all modules that have an instance: the engine keeps them, and a sparse file costs the machine nothing. */
const MODULE_BYTES = 512 << 20;

export interface Space {
  readonly instance: ProgramInstance;
  /** Bytes that belong to the program. */
  size: number;
}

export interface SpaceLimits {
  /** The machine's memory, which bounds what is kept beside it. */
  readonly machineBytes: number;
  readonly mostModuleBytes?: number;
}

export interface SpaceCensus {
  readonly spaces: number;
  readonly idleInstances: number;
  /** Of idle instances, and of memories without one. */
  readonly idleBytes: number;
  /** Slots of the kernel's table that instances have. */
  readonly tableSlots: number;
}

export class Spaces {
  readonly #host: InstanceHost;
  readonly #spaces = new Map<number, Space>();
  readonly #memories: MemoryPool;
  readonly #idleCapacity: number;
  readonly #idle = new Map<Program, ProgramInstance[]>();
  #idleBytes = 0;
  readonly #instances = new Map<Program, number>();
  readonly #mostModuleBytes: number;
  #moduleBytes = 0;
  #nextId = 1;

  constructor(host: InstanceHost, { machineBytes, mostModuleBytes = MODULE_BYTES }: SpaceLimits) {
    this.#host = host;
    const idleBytes = Math.min(IDLE_BYTES, machineBytes * IDLE_PART);
    this.#memories = new MemoryPool(idleBytes * IDLE_MEMORY_PART, LARGEST_RESET);
    this.#idleCapacity = idleBytes * (1 - IDLE_MEMORY_PART);
    this.#mostModuleBytes = mostModuleBytes;
  }

  get(id: number): Space | undefined {
    return this.#spaces.get(id);
  }

  /** Of all address spaces. */
  get programs(): Set<Program> {
    return new Set([...this.#spaces.values()].map(({ instance }) => instance.program));
  }

  /** How many there are, and what is kept for the next ones. */
  get census(): SpaceCensus {
    const idle = [...this.#idle.values()].flat();
    return {
      spaces: this.#spaces.size,
      idleInstances: idle.length,
      idleBytes: this.#idleBytes + this.#memories.bytes,
      tableSlots: this.#host.slots.used,
    };
  }

  /** An address space at the program's beginning; its id. Throws what the engine throws. */
  create(program: Program): number {
    const size = program.shape.memory.initial * 65536;
    const initial = program.initialState;
    const recycled = initial && this.#takeIdle(program, size, LARGEST_RESET);
    if (recycled) {
      recycled.reset(initial);
      return this.#add(recycled, size);
    }
    const instance = this.#instantiate(program, size);
    // A program that begins with more is never idle.
    const isSmall = instance.bytes.length <= LARGEST_RESET;
    if (!initial && isSmall && canRecycle(program)) program.initialState = instance.captureInitialState();
    return this.#add(instance, program.shape.memory.imported ? size : instance.bytes.length);
  }

  /**
   * An address space with the first `bytes` and the globals of another; its id. stackPointer: when it lies in the stack that the
   * program began with, what is below is not copied. Throws what the engine throws.
   */
  fork(parent: Space, bytes: number, stackPointer: number): number {
    const { program } = parent.instance;
    const size = Math.min(sizeOf(parent), bytes);
    const idle = this.#takeIdle(program, size);
    // A new instance's memory holds the initial data and nothing else; what an old one has at its end is zero when it grows.
    const zeroFrom = idle ? idle.bytes.length : program.shape.memory.initial * 65536;
    const child = idle ?? this.#instantiate(program, size);
    try {
      child.reserve(size);
    } catch (error) {
      this.#discard(child);
      throw error;
    }
    child.copyFrom(parent.instance, size, unusedStack(program.stack, stackPointer), zeroFrom);
    return this.#add(child, size);
  }

  /** Appends zeroed bytes; the new size, or 0. */
  grow(space: Space, bytes: number): number {
    const size = sizeOf(space) + bytes;
    if (size > space.instance.program.shape.memory.maximum * 65536) return 0;
    try {
      space.instance.reserve(size);
    } catch {
      return 0;
    }
    space.size = size;
    return size;
  }

  release(id: number): void {
    const space = this.#spaces.get(id);
    if (!space) return;
    this.#spaces.delete(id);
    const { instance } = space;
    const { program } = instance;
    const idle = this.#idle.get(program) ?? [];
    const size = instance.bytes.length;
    const keep =
      canRecycle(program) &&
      instance.isAtRest &&
      size <= Math.min(LARGEST_KEPT, this.#idleCapacity) &&
      idle.length < IDLE_PER_PROGRAM;
    if (!keep) {
      this.#discard(instance);
      return;
    }
    while (this.#idleBytes + size > this.#idleCapacity) this.#discardOldest();
    idle.push(instance);
    // The program whose instance was released last is the last one.
    this.#idle.delete(program);
    this.#idle.set(program, idle);
    this.#idleBytes += size;
  }

  /** Forgets the idle instances of a program. */
  evict(program: Program): void {
    for (const instance of this.#idle.get(program) ?? []) {
      this.#idleBytes -= instance.bytes.length;
      this.#discard(instance);
    }
    this.#idle.delete(program);
  }

  #add(instance: ProgramInstance, size: number): number {
    const id = this.#nextId++;
    this.#spaces.set(id, { instance, size });
    return id;
  }

  /** The idle instance that fits best, and of those that fit equally well the one that was used last; at most `most` bytes large. */
  #takeIdle(program: Program, bytes: number, most = Infinity): ProgramInstance | undefined {
    const idle = this.#idle.get(program);
    if (!idle) return undefined;
    let best = -1;
    let bestMisfit = Infinity;
    for (let i = idle.length - 1; i >= 0 && bestMisfit > 0; i--) {
      const size = (idle[i] as ProgramInstance).bytes.length;
      const misfit = Math.floor(Math.abs(size - bytes) / 65536);
      if (size <= most && misfit < bestMisfit) {
        best = i;
        bestMisfit = misfit;
      }
    }
    const instance = best < 0 ? undefined : idle.splice(best, 1)[0];
    if (instance) this.#idleBytes -= instance.bytes.length;
    return instance;
  }

  #discardOldest(): void {
    for (const [program, idle] of this.#idle) {
      const instance = idle.shift();
      if (!instance) {
        this.#idle.delete(program);
        continue;
      }
      this.#idleBytes -= instance.bytes.length;
      this.#discard(instance);
      return;
    }
  }

  #instantiate(program: Program, bytes: number): ProgramInstance {
    const others = this.#instances.get(program) ?? 0;
    const moduleBytes = this.#moduleBytes + (others === 0 ? program.size : 0);
    if (moduleBytes > this.#mostModuleBytes) throw new RangeError('too many large programs are running');
    const instance = new ProgramInstance(this.#host, program, this.#memoryFor(program, bytes));
    this.#moduleBytes = moduleBytes;
    this.#instances.set(program, others + 1);
    return instance;
  }

  #discard(instance: ProgramInstance): void {
    const { program } = instance;
    const others = (this.#instances.get(program) ?? 1) - 1;
    if (others > 0) this.#instances.set(program, others);
    else {
      this.#instances.delete(program);
      this.#moduleBytes -= program.size;
    }
    this.#host.slots.give(instance.firstSlot);
    const { memory, isLinuxProfile } = program.shape;
    if (isLinuxProfile) this.#memories.put(memory.maximum, instance.memory);
  }

  /** The memory to import, or undefined when the program has its own. */
  #memoryFor({ shape }: Program, bytes: number): WebAssembly.Memory | undefined {
    const { imported, maximum } = shape.memory;
    if (!imported) return undefined;
    const initial = Math.ceil(bytes / 65536);
    const pooled = shape.isLinuxProfile ? this.#memories.take(maximum, initial) : undefined;
    return pooled ?? new WebAssembly.Memory({ initial, maximum });
  }
}

/** Only a program that never asks the engine for its memory's size may have a larger memory than it was given. */
function canRecycle({ cached, shape }: Program): boolean {
  return cached && shape.isLinuxProfile && shape.isResettable;
}

/** What lies below a stack pointer that is in the stack, in whole steps. */
function unusedStack(stack: Range, stackPointer: number): Range {
  const begin = Math.ceil(stack.begin / WIPE_STEP) * WIPE_STEP;
  const end = Math.floor((stackPointer - RED_ZONE) / WIPE_STEP) * WIPE_STEP;
  return stackPointer <= stack.end && begin < end ? { begin, end } : { begin: 0, end: 0 };
}

/** Bytes that belong to the program, who may have called memory.grow itself. */
function sizeOf({ instance, size }: Space): number {
  return instance.program.shape.isLinuxProfile ? size : Math.max(size, instance.bytes.length);
}
