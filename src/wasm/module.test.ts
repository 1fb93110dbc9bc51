// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { MalformedModule } from './binary.ts';
import { EXTERNAL, findCustomSection, readExports, readImports, readModule, writeModule } from './module.ts';

const text = `(module
  (type $t (func (param i32) (result i32)))
  (import "env" "call" (func $call (type $t)))
  (import "env" "memory" (memory 1 2 shared))
  (import "env" "table" (table 1 funcref))
  (import "env" "global" (global $g (mut i32)))
  (import "env" "tag" (tag $tag (param i32)))
  (func $f (type $t) local.get 0 call $call)
  (export "f" (func $f))
  (export "memory" (memory 0)))`;

test('a module that nobody touched is written as it was read', () => {
  const bytes = assemble(text);
  assert.deepEqual(writeModule(readModule(bytes)), bytes);
});

test('imports of every kind are listed in order', () => {
  const imports = readImports(readModule(assemble(text)));
  assert.deepEqual(
    imports.map(({ name, kind }) => [name, kind]),
    [
      ['call', EXTERNAL.function],
      ['memory', EXTERNAL.memory],
      ['table', EXTERNAL.table],
      ['global', EXTERNAL.global],
      ['tag', EXTERNAL.tag],
    ],
  );
});

test('exports are listed with kind and index', () => {
  assert.deepEqual(readExports(readModule(assemble(text))), [
    { name: 'f', kind: EXTERNAL.function, index: 1 },
    { name: 'memory', kind: EXTERNAL.memory, index: 0 },
  ]);
});

test('a custom section is found by its name', () => {
  assert.ok(findCustomSection(readModule(assemble(text)), 'name'));
  assert.equal(findCustomSection(readModule(assemble(text)), 'other'), undefined);
});

test('what is not a module is refused', () => {
  assert.throws(() => readModule(new TextEncoder().encode('#!/bin/sh\nexit 0\n')), MalformedModule);
  assert.throws(() => readModule(Uint8Array.of()), MalformedModule);
});
