// SPDX-License-Identifier: MIT
/** How a machine ends: what its owner, perhaps on another thread, gets to know. */

import type { Halt } from './kernel-interface.ts';

/** EX_SOFTWARE of sysexits.h: the status of a machine whose kernel, or host, has died. */
export const STATUS_DEAD = 70;

export interface MachineEnd {
  readonly how: keyof typeof Halt | 'Terminated';
  /** What the process that hosts the machine should end with. */
  readonly status: number;
  /** Of a dead kernel: the reason, the functions it died in, the end of its log. */
  readonly report?: string;
}
