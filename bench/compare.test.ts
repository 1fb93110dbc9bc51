// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change, regressions } from './compare.ts';
import { type Measurement, makeResults, measurement } from './results.ts';
import type { Row } from './rows.ts';

const row: Row = { group: 'syscalls', name: 'getppid', unit: 'ns', reference: 'linux' };
const steady = (guest: number, native = 100, of = row): Measurement =>
  measurement(of, [guest, guest, guest], [native, native, native]);

test('ratios are compared, not times: a machine half as fast is no regression', () => {
  assert.deepEqual(change(steady(80, 200), steady(40, 100)), { factor: 1, limit: 1.1, verdict: 'same' });
});

test('a quiet row is worse or better beyond a tenth', () => {
  assert.equal(change(steady(109), steady(100))?.verdict, 'same');
  assert.equal(change(steady(111), steady(100))?.verdict, 'worse');
  assert.equal(change(steady(100), steady(109))?.verdict, 'same');
  assert.equal(change(steady(100), steady(111))?.verdict, 'better');
});

test('a noisy row must change by more than three times its noise', () => {
  // The lower quartile lies a tenth above the best.
  const noisy = (guest: number): Measurement => measurement(row, [guest, guest * 1.2, guest * 9], [100, 100, 100]);
  assert.equal(change(noisy(140), noisy(100))?.verdict, 'same');
  assert.equal(change(noisy(143), noisy(100))?.verdict, 'worse');
  assert.equal(change(noisy(131), steady(100))?.verdict, 'worse');
});

test('too few rounds say nothing', () => {
  assert.equal(change(measurement(row, [900], [100]), steady(100))?.verdict, 'unknown');
});

test('a figure without a native one is compared itself, sizes by a hundredth', () => {
  const idle: Row = { group: 'idle', name: 'CPU', unit: 'part', reference: 'none' };
  const size: Row = { group: 'download', name: 'kernel', unit: 'bytes', reference: 'none' };
  const alone = (of: Row, value: number): Measurement => measurement(of, [value, value, value]);
  assert.equal(change(alone(idle, 3), alone(idle, 2))?.verdict, 'worse');
  assert.equal(change(measurement(size, [1009]), measurement(size, [1000]))?.verdict, 'same');
  assert.equal(change(measurement(size, [1011]), measurement(size, [1000]))?.verdict, 'worse');
});

test('rows that one of the runs has not are no regression', () => {
  const about = { date: '', commit: '', machine: {}, versions: {} };
  const other: Row = { ...row, name: 'statx' };
  const before = makeResults(about, [steady(100), steady(100, 100, other)]);
  const now = makeResults(about, [steady(150), steady(900, 100, { ...row, name: 'new' })]);
  assert.deepEqual(
    regressions(now, before).map(({ name }) => name),
    ['getppid'],
  );
  assert.equal(change(steady(1), undefined), undefined);
});
