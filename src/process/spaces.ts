// SPDX-License-Identifier: MIT
/**
 * The address spaces of a machine: makes them for exec and fork, lets them grow, and recycles their instances. Called from
 * the kernel's space_* imports (src/machine).
 *
 * An address space has a size, what the kernel has given the program, and an engine's memory that may be larger because it
 * has served before. The hot paths are a recycled create and a recycled fork: one copy, one fill, three globals.
 */

import { MemoryPool } from './memory-pool.ts';
import type { Program } from './program.ts';
import { type InstanceHost, ProgramInstance } from './program-instance.ts';

/** Bytes of one memory above which it is not kept: wiping it costs more than a new one. */
const LARGEST_KEPT = 4 << 20;
/** Bytes of memory in idle instances, and in idle memories. */
const IDLE_INSTANCE_BYTES = 48 << 20;
const IDLE_MEMORY_BYTES = 16 << 20;
const IDLE_PER_PROGRAM = 16;
/** Bytes of all modules that have an instance: the engine keeps them, and a sparse file costs the machine nothing. */
const MODULE_BYTES = 512 << 20;

export interface Space {
  readonly instance: ProgramInstance;
  /** Bytes that belong to the program. */
  size: number;
}

export class Spaces {
  readonly #host: InstanceHost;
  readonly #spaces = new Map<number, Space>();
  readonly #memories = new MemoryPool(IDLE_MEMORY_BYTES, LARGEST_KEPT);
  readonly #idle = new Map<Program, ProgramInstance[]>();
  #idleBytes = 0;
  readonly #instances = new Map<Program, number>();
  readonly #mostModuleBytes: number;
  #moduleBytes = 0;
  #nextId = 1;

  constructor(host: InstanceHost, mostModuleBytes = MODULE_BYTES) {
    this.#host = host;
    this.#mostModuleBytes = mostModuleBytes;
  }

  get(id: number): Space | undefined {
    return this.#spaces.get(id);
  }

  /** Of all address spaces. */
  get programs(): Set<Program> {
    return new Set([...this.#spaces.values()].map(({ instance }) => instance.program));
  }

  /** An address space at the program's beginning; its id. Throws what the engine throws. */
  create(program: Program): number {
    const size = program.shape.memory.initial * 65536;
    const initial = program.initialState;
    const recycled = initial && this.#takeIdle(program);
    if (recycled) {
      recycled.reset(initial);
      return this.#add(recycled, size);
    }
    const instance = this.#instantiate(program, size);
    // A program that begins with more is never idle.
    const isSmall = instance.bytes.length <= LARGEST_KEPT;
    if (!initial && isSmall && canRecycle(program)) program.initialState = instance.captureInitialState();
    return this.#add(instance, program.shape.memory.imported ? size : instance.bytes.length);
  }

  /** An address space with the contents and globals of another; its id. Throws what the engine throws. */
  fork(parent: Space): number {
    const { program } = parent.instance;
    const size = sizeOf(parent);
    const idle = this.#takeIdle(program);
    const child = idle ?? this.#instantiate(program, size);
    child.reserve(size);
    // A new instance's memory holds the initial data and nothing else.
    child.copyFrom(parent.instance, size, idle ? child.bytes.length : program.shape.memory.initial * 65536);
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
      size <= LARGEST_KEPT &&
      idle.length < IDLE_PER_PROGRAM &&
      this.#idleBytes + size <= IDLE_INSTANCE_BYTES;
    if (!keep) {
      this.#discard(instance);
      return;
    }
    idle.push(instance);
    this.#idle.set(program, idle);
    this.#idleBytes += size;
  }

  /** Forgets the idle instances of a program. */
  evict(program: Program): void {
    for (let instance = this.#takeIdle(program); instance; instance = this.#takeIdle(program)) this.#discard(instance);
    this.#idle.delete(program);
  }

  #add(instance: ProgramInstance, size: number): number {
    const id = this.#nextId++;
    this.#spaces.set(id, { instance, size });
    return id;
  }

  #takeIdle(program: Program): ProgramInstance | undefined {
    const instance = this.#idle.get(program)?.pop();
    if (instance) this.#idleBytes -= instance.bytes.length;
    return instance;
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

/** Bytes that belong to the program, who may have called memory.grow itself. */
function sizeOf({ instance, size }: Space): number {
  return instance.program.shape.isLinuxProfile ? size : Math.max(size, instance.bytes.length);
}
