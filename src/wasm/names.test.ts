// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { readModule, SECTION, type Section, writeModule } from './module.ts';
import {
  readFunctionNames,
  readGlobalNames,
  uniqueFunctionNames,
  withFunctionNames,
  withMovedFunctionNames,
} from './names.ts';

const sections = () =>
  readModule(assemble('(module (global $level i32 (i32.const 0)) (func $a (param $x i32)) (func $b) (func))'));

test('names of functions and globals are read', () => {
  assert.deepEqual(
    [...readFunctionNames(sections())],
    [
      [0, 'a'],
      [1, 'b'],
    ],
  );
  assert.deepEqual([...readGlobalNames(sections())], [[0, 'level']]);
});

test('functions of one name are told apart, and one without a name gets one', () => {
  const twice = withFunctionNames(sections(), ['cleanup', 'cleanup']);
  assert.deepEqual(uniqueFunctionNames(twice, 3), ['cleanup', 'cleanup.2', 'function.2']);
});

test('new names of functions leave the other names alone', () => {
  const renamed = readModule(writeModule(withFunctionNames(sections(), ['x', 'y', 'z'])));
  assert.deepEqual([...readFunctionNames(renamed).values()], ['x', 'y', 'z']);
  assert.deepEqual([...readGlobalNames(renamed).values()], ['level']);
});

test('the section stays where it is, or comes before those that LLVM wants behind it', () => {
  const custom = (name: string) => ({ id: SECTION.custom, name, payload: new Uint8Array() });
  const order = (before: readonly Section[]) => withFunctionNames(before, ['x']).map(({ name }) => name);
  const others = [custom('first'), custom('producers'), custom('target_features')];
  assert.deepEqual(order(others), ['first', 'name', 'producers', 'target_features']);
  assert.deepEqual(order([custom('first')]), ['first', 'name']);
  assert.deepEqual(order([custom('name'), ...others]), ['name', 'first', 'producers', 'target_features']);
});

test("of two name sections the second is nobody's, whatever it holds", () => {
  const rubbish = { id: SECTION.custom, name: 'name', payload: Uint8Array.of(1, 200, 255, 255, 1, 7) };
  const moved = withMovedFunctionNames([...sections(), rubbish], (index) => index + 1);
  assert.deepEqual([...readFunctionNames(moved).keys()], [1, 2]);
});
