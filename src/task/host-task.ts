// SPDX-License-Identifier: MIT
/**
 * A host task: a task of Linux whose code is TypeScript, with a buffer in its memory for what its system calls point to. Made by
 * task-pool.ts; all else in this folder makes its calls through it.
 */
import { MachineEnded, type ServingTask } from '../machine/host-calls.ts';
import { Syscall } from './syscall-numbers.ts';

/** Bytes of a task's buffer. */
export const BUFFER_BYTES = 256 * 1024;

const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;
/** No result of a system call lies below, but as an address. */
const LOWEST_ERROR = -4095;

/** What a task needs of a machine: its memory. */
export interface TaskMemory {
  /** All of the engine's memory behind an address space. Valid until it grows. */
  memoryOf(space: number): Uint8Array | undefined;
}

export class HostTask {
  /** Address of the task's own buffer, page aligned. */
  readonly buffer: number;
  readonly bufferBytes = BUFFER_BYTES;
  readonly #serving: ServingTask;
  readonly #memory: TaskMemory;

  constructor(serving: ServingTask, memory: TaskMemory, buffer: number) {
    this.#serving = serving;
    this.#memory = memory;
    this.buffer = buffer;
  }

  /**
   * Makes a system call (Syscall) with up to six arguments of 32 bits. Resolves with its result, which below 0 and from -4095 on is
   * a negative errno. Rejects with TaskEnded when the task, or with MachineEnded when the machine ends before. One call at a time.
   */
  call(nr: number, ...args: readonly number[]): Promise<number> {
    return this.#serving.call(nr, args);
  }

  /** Interrupts the call under way: it results in -EINTR, unless it ends before. Does nothing when there is none. */
  cancel(): void {
    this.#serving.breakOff();
  }

  /** The task's memory, addresses are indices. Take it anew after each call: it may have grown. */
  get bytes(): Uint8Array {
    const bytes = this.#memory.memoryOf(this.#serving.space);
    if (!bytes) throw new MachineEnded('the memory of the task is gone');
    return bytes;
  }
}

/** Whether a call's result is a negative errno. */
export function isError(result: number): boolean {
  return result < 0 && result >= LOWEST_ERROR;
}

/** Maps a buffer into a task's memory; its address. Throws when there is no memory. */
export async function mapBuffer(serving: ServingTask): Promise<number> {
  const address = await serving.call(Syscall.mmap2, [0, BUFFER_BYTES, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0]);
  if (isError(address)) throw new RangeError(`the machine has no memory for a host task (errno ${-address})`);
  return address >>> 0;
}
