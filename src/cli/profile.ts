// SPDX-License-Identifier: MIT
/** The file of --profile, from the check that it can be written to the profile in it. Called by session.ts. */
import type { Worker } from 'node:worker_threads';
import { installation } from '../installation/checkout.ts';
import { reasonOf } from './host-error.ts';
import { UsageError } from './usage-error.ts';

export interface SessionProfile {
  /** Profiles the Worker from its first step. Never rejects. */
  start(worker: Worker): Promise<void>;
  /** Writes the file, the Worker still being there; what went wrong, as one line. May be called again. */
  finish(): Promise<string | undefined>;
}

/** Makes the file, and loads what writes it. Throws UsageError when it can't be written. */
export async function openProfile(path: string): Promise<SessionProfile> {
  const { CpuProfiler } = await import('../host/node/cpu-profiler.ts');
  const complaint = (error: unknown) => `--profile ${path}: ${reasonOf(error)}`;
  let profiler: InstanceType<typeof CpuProfiler>;
  try {
    profiler = new CpuProfiler(path, installation.top.href);
  } catch (error) {
    throw new UsageError(complaint(error));
  }
  return {
    start: (worker) => profiler.start(worker),
    finish: async () => {
      try {
        await profiler.finish();
        return undefined;
      } catch (error) {
        return `${complaint(error)}; there is no profile`;
      }
    },
  };
}
