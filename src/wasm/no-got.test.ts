// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { readModule } from './module.ts';
import { gotSymbols } from './no-got.ts';

test('imports from the table are named by their symbols', () => {
  const sections = readModule(
    assemble(`(module
      (import "GOT.func" "puts" (global (mut i32)))
      (import "GOT.mem" "environ" (global (mut i32))))`),
  );
  assert.deepEqual(gotSymbols(sections), ['puts', 'environ']);
});

test('so are the globals that stand for it in a program', () => {
  const sections = readModule(
    assemble(`(module
      (global $__stack_pointer (mut i32) (i32.const 0))
      (global $GOT.func.internal.wasmlinux_syscall32 (mut i32) (i32.const 1))
      (global $GOT.data.internal.counter i32 (i32.const 1024)))`),
  );
  assert.deepEqual(gotSymbols(sections), ['wasmlinux_syscall32', 'counter']);
});

test('a program of ours has none', () => {
  const sections = readModule(
    assemble('(module (import "env" "memory" (memory 1)) (global $__stack_pointer (mut i32) (i32.const 0)))'),
  );
  assert.deepEqual(gotSymbols(sections), []);
});
