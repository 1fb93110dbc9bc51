// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { FRAMES_PAGES, importFramesMemory } from './frames-memory.ts';
import { readModule, writeModule } from './module.ts';

test("Asyncify's own memory becomes an import, and is the one that its code uses", () => {
  const before = assemble(`(module
    (import "env" "memory" (memory 1 4))
    (import "env" "f" (func $f))
    (memory $frames ${FRAMES_PAGES} ${FRAMES_PAGES})
    (func (export "put") (i32.store $frames (i32.const 8) (i32.const 7))))`);
  const module = new WebAssembly.Module(writeModule(importFramesMemory(readModule(before))));
  assert.deepEqual(
    WebAssembly.Module.imports(module).map(({ module: from, name, kind }) => `${from}.${name} ${kind}`),
    ['env.memory memory', 'env.f function', 'env.wasmlinux_frames memory'],
  );
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
  const frames = new WebAssembly.Memory({ initial: FRAMES_PAGES, maximum: FRAMES_PAGES });
  const env = { memory, wasmlinux_frames: frames, f: () => undefined };
  (new WebAssembly.Instance(module, { env }).exports.put as () => void)();
  assert.equal(new Uint32Array(frames.buffer)[2], 7);
  assert.equal(new Uint32Array(memory.buffer)[2], 0);
});

test('a module without such a memory is refused', () => {
  const module = readModule(assemble('(module (import "env" "memory" (memory 1 4)))'));
  assert.throws(() => importFramesMemory(module), /a memory for frames is expected/);
});
