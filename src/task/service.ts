// SPDX-License-Identifier: MIT
/** What a machine does for the library (src/library) on the other thread: the methods of all these objects. */
import { GuestFiles } from './guest-files.ts';
import { Programs } from './programs.ts';
import { Streams } from './streams.ts';
import type { TaskPool } from './task-pool.ts';

export type MachineService = Programs & GuestFiles;

export function machineServices(pool: TaskPool): readonly object[] {
  const streams = new Streams(pool);
  return [new Programs(pool, streams), new GuestFiles(pool, streams)];
}
