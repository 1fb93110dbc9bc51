// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { keepsBudget, makeResults, measurement, ratio, readResults, rowNoise } from './results.ts';
import type { Row } from './rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-bench-'));
after(() => rmSync(folder, { recursive: true }));

const row: Row = { group: 'syscalls', name: 'getppid', unit: 'ns', reference: 'linux', budget: 0.4 };
const size: Row = { group: 'download', name: 'kernel', unit: 'bytes', reference: 'none', budget: 100 };

test('the ratio is of the best rounds', () => {
  assert.equal(ratio(measurement(row, [9, 3, 5], [6, 10, 8])), 0.5);
  assert.equal(ratio(measurement(size, [9])), undefined);
});

test('a figure that stands alone has its own noise only', () => {
  assert.equal(rowNoise(measurement(size, [10, 14, 900])), 0.2);
  assert.equal(rowNoise(measurement(row, [10, 13, 900], [10, 10, 10])), 0.15);
  assert.equal(rowNoise(measurement(row, [10], [10])), undefined);
});

test('a budget is for the ratio to native, else for the figure', () => {
  assert.equal(keepsBudget(measurement(row, [4], [10])), true);
  assert.equal(keepsBudget(measurement(row, [5], [10])), false);
  assert.equal(keepsBudget(measurement(size, [100])), true);
  assert.equal(keepsBudget(measurement(size, [101])), false);
  assert.equal(keepsBudget(measurement({ ...size, reference: 'node' }, [101], [1000])), false);
});

test('what was kept is read again', () => {
  const about = { date: '2026-01-01T00:00:00.000Z', commit: 'abc', machine: {}, versions: {} };
  const results = makeResults(about, [measurement(row, [1, 2], [3, 4])]);
  const path = join(folder, 'bench.json');
  writeFileSync(path, JSON.stringify(results));
  assert.deepEqual(readResults(path), results);
});

test('a file of something else is refused in one line', () => {
  const path = join(folder, 'other.json');
  assert.throws(() => readResults(join(folder, 'absent')), { message: /absent: no such file/ });
  for (const text of ['', '{}', '[]', 'null', '{"format":1,"rows":[{"name":"x"}]}', '{"format":0,"rows":[]}']) {
    writeFileSync(path, text);
    assert.throws(() => readResults(path), { message: /^[^\n]*other\.json: not [^\n]*$/ });
  }
});
