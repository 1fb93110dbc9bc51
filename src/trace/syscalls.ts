// SPDX-License-Identifier: MIT
/**
 * The one table of the system calls that this kernel has: numbers, names, typed arguments. The tracer prints by it and tests walk
 * it; a test holds it against the kernel's own list.
 */
import { EntryNumber } from '../process/entry-number.ts';
import { call, type SystemCall } from './call.ts';
import { fileCalls } from './calls/files.ts';
import { memoryCalls } from './calls/memory.ts';
import { networkCalls } from './calls/network.ts';
import { processCalls } from './calls/processes.ts';
import { signalCalls } from './calls/signals.ts';
import { systemCalls } from './calls/system.ts';
import { timeCalls } from './calls/time.ts';

/** All of the kernel's, in the order of their numbers. */
export const syscalls: readonly SystemCall[] = [
  ...fileCalls,
  ...memoryCalls,
  ...networkCalls,
  ...processCalls,
  ...signalCalls,
  ...systemCalls,
  ...timeCalls,
].sort((a, b) => a.nr - b.nr);

/** The two entries into the kernel that are no system calls, shown under the names of what the program called. */
export const entries: readonly SystemCall[] = [
  call(EntryNumber.fork, 'fork', [], 'process', { result: 'pid' }),
  call(EntryNumber.vfork, 'vfork', [], 'process', { result: 'pid' }),
];

/** System calls of the ABI with libc (docs/abi.md), which a trace does not show. */
export const Hidden = {
  /** Fetches a signal frame. */
  sigframeFetch: 244,
  /** What the last vfork gave. */
  vforkResult: 245,
  /** The frames of a handler that calls fork have unwound. */
  forkUnwound: 246,
  /** Gives the task to the host (src/task). */
  hostTask: 247,
} as const;

const table: ReadonlyMap<number, SystemCall> = new Map([...syscalls, ...entries].map((entry) => [entry.nr, entry]));

/** Numbers from 0 on are system calls, the others EntryNumber. */
export function syscallOf(nr: number): SystemCall | undefined {
  return table.get(nr);
}
