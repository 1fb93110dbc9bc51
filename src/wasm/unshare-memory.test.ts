// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, assertText } from '../../tests/harness/wat.ts';
import { readModule, writeModule } from './module.ts';
import { unshareMemory } from './unshare-memory.ts';

test('the memory loses its flag and keeps its limits; atomic instructions stay', () => {
  assertText(
    unshareMemory,
    `(module
      (import "env" "memory" (memory 3 16384 shared))
      (import "env" "f" (func $f))
      (func $g (result i32) i32.const 0 i32.const 1 i32.atomic.rmw.add))`,
    `(module
      (type (;0;) (func))
      (type (;1;) (func (result i32)))
      (import "env" "memory" (memory (;0;) 3 16384))
      (import "env" "f" (func $f (type 0)))
      (func $g (type 1) (result i32)
      i32.const 0
      i32.const 1
      i32.atomic.rmw.add))`,
  );
});

test('a memory that is not shared stays as it is', () => {
  const bytes = assemble('(module (import "env" "memory" (memory 3)))');
  assert.deepEqual(writeModule(unshareMemory(readModule(bytes))), bytes);
});
