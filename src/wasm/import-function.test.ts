// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, assertText, disassemble } from '../../tests/harness/wat.ts';
import { withFunctionImport } from './import-function.ts';
import { readModule, writeModule } from './module.ts';

const ADDED = { module: 'env', name: 'b', params: [], results: [0x7f] };

test('an import goes behind the others, and all that names a function follows', () => {
  assertText(
    (sections) => withFunctionImport(sections, ADDED).sections,
    `(module
      (import "env" "a" (func $a))
      (table 2 funcref)
      (export "main" (func $main))
      (start $first)
      (elem (i32.const 0) func $first $main)
      (func $first call $a)
      (func $main (param $count i32) call $first local.get $count call $main))`,
    `(module
      (type (;0;) (func))
      (type (;1;) (func (param i32)))
      (type (;2;) (func (result i32)))
      (import "env" "a" (func $a (type 0)))
      (import "env" "b" (func $b (type 2)))
      (func $first (type 0)
      call $a)
      (func $main (type 1) (param $count i32)
      call $first
      local.get $count
      call $main)
      (table (;0;) 2 funcref)
      (export "main" (func $main))
      (start $first)
      (elem (;0;) (i32.const 0) func $first $main))`,
  );
});

test('names of locals stay with their functions', () => {
  const text = `(module
    (func $one (param $x i32) (result i32) local.get $x)
    (func $two (param $other f64) (local $y i32) local.get $y drop))`;
  const locals = (bytes: Uint8Array) => disassemble(bytes).match(/\((?:param|local) \$[^)]*\)/g);
  const before = assemble(text);
  const after = writeModule(withFunctionImport(readModule(before), ADDED).sections);
  assert.deepEqual(locals(after), ['(param $x i32)', '(param $other f64)', '(local $y i32)']);
  assert.deepEqual(locals(before), locals(after));
});

test('a module without names gets none', () => {
  const sections = readModule(assemble('(module (func))')).filter(({ name }) => name !== 'name');
  const made = withFunctionImport(sections, ADDED).sections;
  assert.ok(made.every(({ name }) => name !== 'name'));
});
