// SPDX-License-Identifier: MIT
/** What a machine does for the library (src/library) on the other thread: the methods of all these objects. */
import { GuestFiles } from './guest-files.ts';
import { Programs } from './programs.ts';
import type { TaskPool } from './task-pool.ts';

export type MachineService = Programs & GuestFiles;

export function machineServices(pool: TaskPool): readonly object[] {
  return [new Programs(pool), new GuestFiles(pool)];
}
