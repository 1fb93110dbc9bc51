// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModuleBuilder, OP, sleb, TYPE, uleb } from './builder.ts';

const { i32 } = TYPE;

/** The value of i32.const with these bytes. */
function constant(bytes: readonly number[]): number {
  const builder = new ModuleBuilder();
  builder.function(builder.type([], [i32]), [OP.i32_const, ...bytes], { exportName: 'f' });
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(builder.finish())).exports;
  return (f as () => number)();
}

test('an engine reads the numbers that sleb writes', () => {
  for (const value of [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)]) {
    assert.equal(constant(sleb(value)), value);
  }
});

test('uleb is unsigned LEB128', () => {
  assert.deepEqual(uleb(0), [0]);
  assert.deepEqual(uleb(127), [0x7f]);
  assert.deepEqual(uleb(128), [0x80, 1]);
  assert.deepEqual(uleb(0xffffffff), [0xff, 0xff, 0xff, 0xff, 0x0f]);
});

test('one function type is written once', () => {
  const builder = new ModuleBuilder();
  assert.equal(builder.type([i32], []), 0);
  assert.equal(builder.type([], [i32]), 1);
  assert.equal(builder.type([i32], []), 0);
});

test('an import behind a function is an error of the caller', () => {
  const builder = new ModuleBuilder();
  const type = builder.type([], []);
  builder.function(type, []);
  assert.throws(() => builder.importFunction('env', 'late', type));
});

test('a module with every kind of section is valid', () => {
  const builder = new ModuleBuilder();
  const type = builder.type([], []);
  const log = builder.importFunction('env', 'log', type);
  builder.importGlobal('env', 'global', i32);
  builder.importTag('env', 'tag', type);
  builder.memory(1, 'memory');
  builder.table(3, 'table');
  builder.global('mine');
  const start = builder.function(type, [OP.call, log], { locals: 2, exportName: 'start' });
  builder.start(start);
  let calls = 0;
  const env = {
    log: () => {
      calls++;
    },
    global: new WebAssembly.Global({ value: 'i32', mutable: true }, 0),
    tag: new WebAssembly.Tag({ parameters: [] }),
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(builder.finish()), { env });
  assert.deepEqual(Object.keys(exports).sort(), ['memory', 'mine', 'start', 'table']);
  assert.equal(calls, 1);
});
