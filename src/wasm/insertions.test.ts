// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressBefore } from './insertions.ts';

describe('addressBefore', () => {
  // Four bytes were put before the byte at 10, three more before the one at 20; then two were taken away at 30.
  const insertions = [
    { at: 10, by: 4 },
    { at: 20, by: 7 },
    { at: 32, by: 5 },
  ];
  for (const [what, address, before] of [
    ['a byte before all', 9, 9],
    ['the first of the inserted bytes', 10, 10],
    ['the last of them', 13, 10],
    ['the byte that they were put before', 14, 10],
    ['one between two', 23, 19],
    ['one behind the second', 27, 20],
    ['one behind bytes that are gone', 37, 32],
  ] as const) {
    it(`knows where ${what} was`, () => assert.equal(addressBefore(insertions, address), before));
  }

  it('changes nothing where nothing was inserted', () => assert.equal(addressBefore([], 7), 7));
});
