// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, disassemble } from '../../tests/harness/wat.ts';
import { withFramesMemory } from './frames-memory.ts';
import { readModule, writeModule } from './module.ts';

test('the frames memory is imported as memory 1', () => {
  const before = assemble(`(module
    (import "env" "memory" (memory 1 4))
    (import "env" "f" (func $f)))`);
  const after = writeModule(withFramesMemory(readModule(before)));
  assert.deepEqual(
    WebAssembly.Module.imports(new WebAssembly.Module(after)).map(
      ({ module, name, kind }) => `${module}.${name} ${kind}`,
    ),
    ['env.memory memory', 'env.f function', 'env.wasmlinux_frames memory'],
  );
  assert.match(disassemble(after), /memory.*64 64/);
});

test('a module with other memories than one imported is refused', () => {
  for (const memories of ['(memory 1)', '(import "env" "memory" (memory 1)) (memory 1)']) {
    const module = readModule(assemble(`(module ${memories})`));
    assert.throws(() => withFramesMemory(module), /one memory/);
  }
});
