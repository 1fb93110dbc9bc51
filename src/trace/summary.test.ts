// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTS_BYTES } from './options.ts';
import { Summary } from './summary.ts';

test('the table has shares, times, counts and errors, the most time first', () => {
  const memory = new SharedArrayBuffer(COUNTS_BYTES);
  const summary = new Summary(memory);
  summary.add('close', true, 1_000_000);
  summary.add('read', false, 2_000_000);
  summary.add('read', false, 1_000_000);
  summary.add('syscall_0x1f4', true, 0);
  const table = `\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 75.00    0.003000        1500         2           read
 25.00    0.001000        1000         1         1 close
  0.00    0.000000           0         1         1 unknown
------ ----------- ----------- --------- --------- ----------------
100.00    0.004000        1000         4         2 total
`;
  assert.equal(summary.text(), table);
  assert.equal(new Summary(memory).text(), table, 'whoever shares the memory has the same table');
});

test('nothing was called', () => {
  assert.match(new Summary().text(), / 0 +total\n$/);
});
