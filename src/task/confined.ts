// SPDX-License-Identifier: MIT
/**
 * A program together with all that it starts: one kill reaches them, also those that have left its process group, and limits hold for
 * them together. Used by run.ts and programs.ts.
 */
import { ResourceGroup, type ResourceLimits } from './resource-group.ts';
import { spawn, type Spawned, type SpawnRequest } from './spawn.ts';
import { Syscall } from './syscall-numbers.ts';
import type { TaskPool } from './task-pool.ts';

const SIGKILL = 9;
const SIGTERM = 15;
/** Milliseconds between SIGTERM and SIGKILL when the time is over. */
const GRACE = 1000;

export interface Confinement {
  /** Together. */
  readonly limits?: ResourceLimits;
  /** Milliseconds: then all that it has started gets SIGTERM, and a second later SIGKILL. */
  readonly timeout?: number;
  /** Whether a kill must reach all, whatever they do to escape; with limits or a timeout it does. Costs 0.25 ms. */
  readonly confined?: boolean;
}

export interface ConfinedProgram {
  readonly process: Spawned;
  /** Whether a kill reaches all. */
  readonly isConfined: boolean;
  readonly timedOut: boolean;
  kill(): void;
  /** When the program has ended: with limits kills what it has left, else lets that be. */
  release(): Promise<void>;
}

/** Starts a program. Throws LinuxError as spawn does. */
export async function spawnConfined(
  pool: TaskPool,
  request: Omit<SpawnRequest, 'prepare'>,
  { limits: given, timeout, confined = false }: Confinement,
): Promise<ConfinedProgram> {
  const { memory, processes, cpu } = given ?? {};
  const limits = memory === undefined && processes === undefined && cpu === undefined ? undefined : given;
  let group: ResourceGroup | undefined;
  const prepare = async (pid: number): Promise<void> => {
    group = await ResourceGroup.make(pool, `run-${pid}`, limits ?? {});
    await group.add(pid);
  };
  const isConfined = limits !== undefined || timeout !== undefined || confined;
  let process: Spawned;
  try {
    process = await spawn(pool, { ...request, ...(isConfined && { prepare }) });
  } catch (error) {
    await group?.remove();
    throw error;
  }
  const send = (signal: number): void => {
    const sent =
      group && signal === SIGKILL ? group.kill() : pool.use((task) => task.call(Syscall.kill, -process.pid, signal));
    sent.catch(() => {});
  };
  let timedOut = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  if (timeout !== undefined) {
    timer = setTimeout(() => {
      timedOut = true;
      send(SIGTERM);
      timer = setTimeout(() => send(SIGKILL), GRACE);
    }, timeout);
  }
  return {
    process,
    isConfined,
    get timedOut() {
      return timedOut;
    },
    kill: () => send(SIGKILL),
    release: async () => {
      clearTimeout(timer);
      await (limits ? group?.remove() : group?.dissolve());
    },
  };
}
