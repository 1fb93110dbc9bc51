// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, assertText } from '../../tests/harness/wat.ts';
import { readModule } from '../wasm/module.ts';
import { withBoundedGrowth } from './bounded-growth.ts';
import { defaultLimits } from './program-shape.ts';

test('a memory and tables without a maximum get one, and tables share what is left', () => {
  assertText(
    (sections) => withBoundedGrowth(sections, defaultLimits),
    `(module
      (table 2 funcref)
      (table 3 5 funcref)
      (memory 1))`,
    `(module
      (table (;0;) 2 524287 funcref)
      (table (;1;) 3 5 funcref)
      (memory (;0;) 1 16384))`,
  );
});

test('what keeps to the limits stays as it is, and so does an imported memory', () => {
  const before = readModule(assemble('(module (import "env" "memory" (memory 1 30000)) (table 2 9 funcref))'));
  assert.equal(withBoundedGrowth(before, defaultLimits), before);
});
