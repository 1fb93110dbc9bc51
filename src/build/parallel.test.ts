// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inParallel } from './parallel.ts';

test('as many tasks run at once as there are jobs, and all run', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  const tasks = Array.from({ length: 7 }, (_, index) => async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => setImmediate(resolve));
    running--;
    done.push(index);
  });
  await inParallel(3, tasks);
  assert.equal(most, 3);
  assert.deepEqual(done.toSorted(), [0, 1, 2, 3, 4, 5, 6]);
});

test('after a failure no task begins, those that run are waited for, and the failure is told', async () => {
  const log: string[] = [];
  const other = Promise.withResolvers<void>();
  const tasks = [
    async () => {
      await other.promise;
      log.push('first ends');
    },
    async () => {
      setImmediate(other.resolve);
      throw new Error('broken');
    },
    async () => {
      log.push('third begins');
    },
  ];
  await assert.rejects(inParallel(2, tasks), /^Error: broken$/);
  assert.deepEqual(log, ['first ends']);
});
