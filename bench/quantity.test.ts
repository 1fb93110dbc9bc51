// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantity } from './quantity.ts';

test('three digits in the unit that suits', () => {
  const shown = [1.234, 27, 12.34, 123.4, 999.6, 1234, 98_765_432, 5e9, 5e12].map((ns) => quantity(ns, 'ns'));
  assert.deepEqual(shown, ['1.23 ns', '27 ns', '12.3 ns', '123 ns', '1.00 µs', '1.23 µs', '98.8 ms', '5 s', '5000 s']);
});

test('sizes are decimal', () => {
  assert.deepEqual(
    [0, 512, 6_900_000].map((bytes) => quantity(bytes, 'bytes')),
    ['0 B', '512 B', '6.90 MB'],
  );
});

test('parts of a processor are per cent', () => {
  assert.equal(quantity(0.00123, 'part'), '0.12 %');
});
