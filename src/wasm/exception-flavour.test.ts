// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { legacyExceptions } from './exception-flavour.ts';
import { readModule } from './module.ts';

const find = (functions: string) =>
  legacyExceptions(readModule(assemble(`(module (tag $e (param i32)) ${functions})`)));

test('exceptions of the older form are found, by function', () => {
  const older = '(func $older (local i32) nop try i32.const 1 throw $e catch $e drop try nop catch_all end end)';
  assert.deepEqual(find(`(func $plain) ${older} (func try nop delegate 0)`), [
    { name: 'older', at: 9 },
    { name: 'function 2', at: 27 },
  ]);
});

test('those of the final form are not, nor what looks so in a number', () => {
  const final = '(func block (result i32) try_table (catch $e 0) i32.const 1 throw $e end i32.const 6 end drop)';
  assert.deepEqual(find(`${final} (func i32.const 6 drop)`), []);
});
