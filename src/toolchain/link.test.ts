// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { finishProgram, LinkError } from './link.ts';

const OPTIONS = { stackSize: 65536, strip: 'nothing', polls: true, forkInHandlers: false, checkFork: false } as const;

test('an address that can not be a constant is refused by symbol, function and reason', () => {
  const linked = assemble(`(module
    (memory (export "memory") 1)
    (global $GOT.data.internal.counter (mut i32) (i32.const 1024))
    (func $increment i32.const 1 global.set 0))`);
  assert.throws(
    () => finishProgram(new Uint8Array(linked), OPTIONS),
    (error) => error instanceof LinkError && /^ {2}counter is assigned in increment$/m.test(error.message),
  );
});
