// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, assertText } from '../../tests/harness/wat.ts';
import { withFramesMemory } from './frames-memory.ts';
import { readModule } from './module.ts';

test('the frames memory is imported as memory 1, behind all other imports', () => {
  assertText(
    withFramesMemory,
    `(module
      (import "env" "memory" (memory 1 4))
      (import "env" "f" (func $f)))`,
    `(module
      (type (;0;) (func))
      (import "env" "memory" (memory (;0;) 1 4))
      (import "env" "f" (func $f (type 0)))
      (import "env" "wasmlinux_frames" (memory (;1;) 64 64)))`,
  );
});

test('a module with other memories than one imported is refused', () => {
  for (const memories of ['(memory 1)', '(import "env" "memory" (memory 1)) (memory 1)']) {
    const module = readModule(assemble(`(module ${memories})`));
    assert.throws(() => withFramesMemory(module), /one memory/);
  }
});
