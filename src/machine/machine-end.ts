// SPDX-License-Identifier: MIT
/** How a machine ends: what its owner, perhaps on another thread, gets to know. */

import type { Halt } from './kernel-interface.ts';

/** EX_SOFTWARE of sysexits.h: the status of a machine whose kernel, or host, has died. */
export const STATUS_DEAD = 70;

/** As of a process that SIGTERM has ended: of a machine that its owner has. */
export const STATUS_TERMINATED = 143;

export interface MachineEnd {
  readonly how: keyof typeof Halt | 'Terminated';
  /** What the process that hosts the machine should end with. */
  readonly status: number;
  /** Of a dead kernel: the reason, the functions it died in, the end of its log. */
  readonly report?: string;
  /** The last trap of a program, if there was one. */
  readonly trap?: ProgramTrap;
}

/** The report of a machine whose host has thrown. */
export function hostFailure(error: unknown): string {
  return `the machine's host has failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** A trap of the engine's in a program, which is a signal to it. */
export interface ProgramTrap {
  readonly signal: number;
  /** The engine's words, then a line for each function on the stack, innermost first, with files and lines where they are known. */
  readonly report: string;
}
