// SPDX-License-Identifier: MIT
/** Several commands of a step at once. libcxx.ts and cxx-tests.ts use it, whose compilations no make orders. */

/** Runs tasks, `jobs` at a time, and begins none after one has failed: that failure is the caller's. */
export async function inParallel(jobs: number, tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const rest = tasks.values();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const task of rest) {
      if (failed) return;
      try {
        await task();
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: jobs }, worker));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
