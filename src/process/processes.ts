// SPDX-License-Identifier: MIT
/**
 * The user side of a machine: the kernel's imports module_*, space_* and frames_*, over the module cache and the address spaces.
 * Made before the kernel, whose imports these are, and attached to it afterwards.
 */

import { type HostImports, hostSpaceFields } from '../machine/kernel-interface.ts';
import type { KernelMemory } from '../machine/kernel-memory.ts';
import { ForkFrames } from './fork-frames.ts';
import { EINVAL, ENOEXEC, ENOMEM, ModuleCache } from './module-cache.ts';
import type { Program } from './program.ts';
import { SLOTS_PER_INSTANCE } from './program-instance.ts';
import { defaultLimits } from './program-shape.ts';
import { ShimFactory } from './shim.ts';
import { SlotBlocks } from './slots.ts';
import { type SpaceCensus, Spaces } from './spaces.ts';
import type { Trampoline } from './trampoline.ts';

/** Bytes of all modules that are kept for the next exec. */
const MODULE_CACHE_BYTES = 128 << 20;

/** Of `id` and `size` in struct host_space. */
const ID_FIELD = hostSpaceFields.indexOf('id');
const SIZE_FIELD = hostSpaceFields.indexOf('size');

type ProcessImports = Pick<
  HostImports,
  Extract<keyof HostImports, `module_${string}` | `space_${string}` | `frames_${string}`>
>;

export class Processes {
  readonly imports: ProcessImports;
  readonly #memory: KernelMemory;
  readonly #frames: ForkFrames;
  readonly #log: (line: string) => void;
  #attached: Spaces | undefined;

  constructor(memory: KernelMemory, log: (line: string) => void) {
    this.#memory = memory;
    this.#frames = new ForkFrames(memory);
    this.#log = log;
    const modules = new ModuleCache({
      limits: defaultLimits,
      capacity: MODULE_CACHE_BYTES,
      log,
      onEvict: (program) => this.#spaces.evict(program),
    });
    this.imports = {
      module_lookup: (key, length) => modules.lookup(memory.key(key, length)),
      module_begin: (size, trusted) => modules.begin(size >>> 0, trusted !== 0),
      module_append: (load, buf, n) => modules.append(load, memory.view(buf, n)),
      module_commit: (load, key, length) => modules.commit(load, memory.key(key, length)),
      module_abort: (load) => modules.abort(load),
      module_release: (module) => modules.release(module),
      space_create: (module, space) => {
        const program = modules.program(module);
        return program ? this.#make(space, () => this.#spaces.create(program)) : -EINVAL;
      },
      space_fork: (id, space, stack) => {
        const parent = this.#spaces.get(id);
        const bytes = memory.word(space + 4 * SIZE_FIELD);
        return parent ? this.#make(space, () => this.#spaces.fork(parent, bytes, stack >>> 0)) : -EINVAL;
      },
      space_grow: (id, bytes) => {
        const space = this.#spaces.get(id);
        return space ? this.#spaces.grow(space, bytes >>> 0) : 0;
      },
      space_release: (id) => this.#spaces.release(id),
      ...this.#frames.imports,
    };
  }

  /** table: the kernel's function table. */
  attach(table: WebAssembly.Table, trampoline: Trampoline): void {
    const slots = new SlotBlocks(table, SLOTS_PER_INSTANCE);
    this.#attached = new Spaces(
      { table, slots, shims: new ShimFactory(this.#memory), trampoline, frames: this.#frames.memory },
      { machineBytes: this.#memory.size },
    );
  }

  /** All of the engine's memory behind an address space. Valid until it grows. */
  memoryOf(space: number): Uint8Array | undefined {
    return this.#spaces.get(space)?.instance.bytes;
  }

  get census(): SpaceCensus {
    return this.#spaces.census;
  }

  /** What runs. */
  get programs(): Iterable<Program> {
    return this.#attached?.programs ?? [];
  }

  get #spaces(): Spaces {
    if (!this.#attached) throw new Error('the kernel is not attached yet');
    return this.#attached;
  }

  /** Makes a space and describes it at `address`; 0 or -errno. */
  #make(address: number, create: () => number): number {
    let id: number;
    try {
      id = create();
    } catch (error) {
      // No memory, no room in a table: every engine says so with a RangeError.
      if (error instanceof RangeError) return -ENOMEM;
      // Its start function or its data trapped.
      if (error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.LinkError) {
        this.#log(`a program can't be started: ${error.message}`);
        return -ENOEXEC;
      }
      throw error;
    }
    this.#describe(id, address);
    return 0;
  }

  #describe(id: number, address: number): void {
    const space = this.#spaces.get(id);
    if (!space) throw new Error(`address space ${id} is missing`);
    const { description } = space.instance;
    description[ID_FIELD] = id;
    description[SIZE_FIELD] = space.size;
    this.#memory.putWords(address, description);
  }
}
