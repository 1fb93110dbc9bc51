// SPDX-License-Identifier: MIT
/**
 * What stands between a program and the kernel: the functions that programs import as env.wasmlinux_*. Wasm calls wasm
 * calls wasm; the whole costs about a nanosecond.
 *
 * 1. The probe. Program and kernel share one engine stack. A system call at the stack's edge would overflow inside the
 *    kernel and leave it half-way through an update, so each entry first calls a function whose frame is PROBE_BYTES
 *    large: the engine compares the stack's limit in its prologue, and the overflow happens there, in the program.
 * 2. The door. While an instance is being made its start function runs beneath a JavaScript frame, where nothing may
 *    suspend: `closed` is 1 then, and an entry traps. (The flag is the probe's argument, so it costs nothing extra.)
 * 3. The catch. A vfork child that dies on its parent's stack is unwound to here by an exception with the tag `leave`, and
 *    its parent goes on with VFORK_RETURN. And what JavaScript throws inside the kernel, a stack overflow above all, must
 *    not reach a catch_all of the program: it is handed to `died`, which ends the machine.
 *
 * A traced machine has another module, in which each entry also tells a CallWatch; the ordinary one knows nothing of it.
 */

import { EntryNumber } from './entry-number.ts';
import type { ImportedMemory } from '../machine/kernel-memory.ts';
import { BLOCK_VOID, CATCH, type MemoryType, ModuleBuilder, OP, sleb, TYPE, uleb, V128 } from '../wasm/builder.ts';

/** The deepest kernel path, softirqs included, must fit in. */
const PROBE_BYTES = 65536;

/** The reserved result that tells libc: the vfork child has left, you are the parent (docs/abi.md). */
export const VFORK_RETURN = -4097;

export interface KernelEntries {
  readonly syscall32: (nr: number, args: number) => number;
  readonly preempt: () => number;
  readonly fork: () => number;
  readonly vfork: () => number;
}

export interface Trampoline extends KernelEntries {
  /** Its `value` 1 shuts the door. */
  readonly closed: WebAssembly.Global;
  /** Rejecting a suspended stack with this unwinds it to the trampoline, which returns VFORK_RETURN. */
  leaveException(): WebAssembly.Exception;
}

/**
 * Is told when a program enters the kernel and when it comes back (src/trace). It must not throw, and nothing may suspend in it.
 */
export interface CallWatch {
  /** nr: the system call's number, or one of EntryNumber. args: where its six words lie in the program's memory. */
  enter(nr: number, args: number): void;
  /** The same call's result, by which time another task may be the current one: both fork and vfork return twice. */
  leave(nr: number, result: number): void;
}

/** Vectors are the largest values: the fewer a compiler has to keep, the sooner it is done with the probe. */
const VECTOR_BYTES = 16;

/**
 * The body of probe(cold: i32): returns at once when cold is 0. What follows exists for the size of the frame only: so many
 * values live across a call that no compiler can keep them out of the frame, nor know them (they are loads from the kernel's
 * memory, never done). The branch before it is the door's trap; no compiler knows that `never` is always 0.
 */
function probeBody(self: number, never: number): number[] {
  const values = PROBE_BYTES / VECTOR_BYTES;
  const body: number[] = [OP.local_get, 0, OP.i32_eqz, OP.if, BLOCK_VOID, OP.return, OP.end];
  body.push(OP.global_get, ...uleb(never), OP.i32_eqz, OP.if, BLOCK_VOID, OP.unreachable, OP.end);
  for (let i = 0; i < values; i++) body.push(OP.local_get, 0, ...V128.load, 4, ...uleb(i * VECTOR_BYTES));
  body.push(OP.i32_const, 0, OP.call, ...uleb(self));
  for (let i = 1; i < values; i++) body.push(...V128.xor);
  body.push(...V128.i32x4_extract_lane, 0, OP.global_set, ...uleb(never));
  return body;
}

/** watched: it also imports the two functions of a CallWatch. Exported for the test that it costs nothing otherwise. */
export function trampolineModule(kernelMemory: MemoryType, watched: boolean): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder('wasmlinux.trampoline');
  builder.importMemory('kernel', 'memory', kernelMemory);
  const syscallType = builder.type([TYPE.i32, TYPE.i32], [TYPE.i32]);
  const wordType = builder.type([], [TYPE.i32]);
  const probeType = builder.type([TYPE.i32], []);
  const diedType = builder.type([TYPE.externref], []);
  const leave = builder.importTag('host', 'leave', builder.type([], []));
  const thrown = builder.importTag('host', 'thrown', diedType);
  const died = builder.importFunction('host', 'died', diedType);
  const watch = watched ? importWatch(builder) : undefined;
  const number = (value: number) => [OP.i32_const, ...sleb(value)];
  const entries = [
    { name: 'syscall32', type: syscallType, params: 2, number: [OP.local_get, 0], args: [OP.local_get, 1] },
    { name: 'preempt', type: wordType, params: 0, number: undefined, args: [] },
    { name: 'fork', type: wordType, params: 0, number: number(EntryNumber.fork), args: [OP.i32_const, 0] },
    { name: 'vfork', type: wordType, params: 0, number: number(EntryNumber.vfork), args: [OP.i32_const, 0] },
  ].map((entry) => ({ ...entry, target: builder.importFunction('kernel', entry.name, entry.type) }));
  const closed = builder.global('closed');
  const never = builder.global();
  const probe = builder.functionCount;
  builder.function(probeType, probeBody(probe, never));
  for (const { name, type, params, number, args, target } of entries) {
    const parameters = Array.from({ length: params }, (_, index) => [OP.local_get, index]).flat();
    const result = params;
    // A poll is no call of the program's.
    const watches = watch && number;
    const entered = watches ? [...number, ...args, OP.call, ...uleb(watch.enter)] : [];
    // The result, which is on the stack, is told and left there.
    const left = watches ? [OP.local_tee, result, ...number, OP.local_get, result, OP.call, ...uleb(watch.leave)] : [];
    // biome-ignore format: nested as the blocks are
    builder.function(type, [
      OP.global_get, ...uleb(closed), OP.call, ...uleb(probe),
      OP.block, BLOCK_VOID,
        OP.block, TYPE.externref,
          OP.try_table, BLOCK_VOID, 2, CATCH.tag, ...uleb(leave), 1, CATCH.tag, ...uleb(thrown), 0,
            ...entered, ...parameters, OP.call, ...uleb(target), ...left, OP.return,
          OP.end,
          OP.unreachable,
        OP.end,
        OP.call, ...uleb(died), OP.unreachable,
      OP.end,
      OP.i32_const, ...sleb(VFORK_RETURN), ...left,
    ], { exportName: name, locals: watch ? 1 : 0 });
  }
  return builder.finish();
}

function importWatch(builder: ModuleBuilder): { enter: number; leave: number } {
  const type = builder.type([TYPE.i32, TYPE.i32], []);
  return {
    enter: builder.importFunction('host', 'entered', type),
    leave: builder.importFunction('host', 'left', type),
  };
}

/** died: ends the machine; throws what ends the stack. */
export function makeTrampoline(
  kernel: KernelEntries,
  memory: ImportedMemory,
  died: (error: unknown) => never,
  watch?: CallWatch,
): Trampoline {
  const leave = new WebAssembly.Tag({ parameters: [] });
  const watching = watch && {
    entered: (nr: number, args: number) => watch.enter(nr, args),
    left: (nr: number, result: number) => watch.leave(nr, result),
  };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(trampolineModule(memory.type, !!watch)), {
    host: { leave, thrown: WebAssembly.JSTag, died, ...watching },
    kernel: {
      memory: memory.memory,
      syscall32: kernel.syscall32,
      preempt: kernel.preempt,
      fork: kernel.fork,
      vfork: kernel.vfork,
    },
  });
  return {
    ...(instance.exports as unknown as KernelEntries & { closed: WebAssembly.Global }),
    leaveException: () => new WebAssembly.Exception(leave, []),
  };
}
