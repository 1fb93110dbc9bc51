// SPDX-License-Identifier: MIT
/** A little soaking in every test run; `npm run soak` is the same with 10,000 of each kind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from './soak/soak.ts';

test('processes, threads and pipelines leave nothing behind', async () => {
  const kinds: string[] = [];
  const leaks: string[] = [];
  const status = await soak(1000, (result) => {
    kinds.push(result.name);
    leaks.push(...result.leaks.map((leak) => `${result.name}: ${leak}`));
  });
  assert.equal(status, 0);
  assert.deepEqual(kinds, ['fork+exec+wait', 'posix_spawn', 'threads', 'pipelines']);
  assert.deepEqual(leaks, []);
});
