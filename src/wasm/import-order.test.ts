// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, assertText } from '../../tests/harness/wat.ts';
import { withOrderedImports } from './import-order.ts';
import { readModule, SECTION, type Section } from './module.ts';

const ORDER = ['memory', 'syscall', 'preempt', 'fork'];

test('imported functions come in the order of the list, others behind them, and what names them follows', () => {
  assertText(
    (sections) => withOrderedImports(sections, ORDER),
    `(module
      (import "env" "other" (func $other (param i64)))
      (import "env" "preempt" (func $preempt (result i32)))
      (import "env" "memory" (memory 1))
      (import "env" "syscall" (func $syscall (param i32 i32) (result i32)))
      (table 2 funcref)
      (elem (i32.const 0) func $preempt $run)
      (func $run (export "run") (result i32)
        i32.const 1
        call $preempt
        call $syscall
        drop
        i64.const 7
        call $other
        call $run))`,
    `(module
      (type (;0;) (func (param i64)))
      (type (;1;) (func (result i32)))
      (type (;2;) (func (param i32 i32) (result i32)))
      (import "env" "syscall" (func $syscall (type 2)))
      (import "env" "preempt" (func $preempt (type 1)))
      (import "env" "memory" (memory (;0;) 1))
      (import "env" "other" (func $other (type 0)))
      (func $run (type 1) (result i32)
      i32.const 1
      call $preempt
      call $syscall
      drop
      i64.const 7
      call $other
      call $run)
      (table (;0;) 2 funcref)
      (export "run" (func $run))
      (elem (;0;) (i32.const 0) func $preempt $run))`,
  );
});

/** The operand of the one call, as long as wasm-ld makes it. */
const padded = (sections: readonly Section[]) =>
  sections.map((section) => {
    if (section.id !== SECTION.code) return section;
    assert.deepEqual([...section.payload], [1, 4, 0, 0x10, 0, 0x0b]);
    return { ...section, payload: Uint8Array.of(1, 8, 0, 0x10, 0x80, 0x80, 0x80, 0x80, 0, 0x0b) };
  });

test('no code moves', () => {
  const before = padded(
    readModule(assemble('(module (import "env" "fork" (func)) (import "env" "syscall" (func)) (func call 0))')),
  );
  const code = withOrderedImports(before, ORDER).find(({ id }) => id === SECTION.code);
  assert.deepEqual([...(code?.payload ?? [])], [1, 8, 0, 0x10, 0x81, 0x80, 0x80, 0x80, 0, 0x0b]);
});

test('a program whose imports are in order stays as it is', () => {
  const before = readModule(assemble('(module (import "env" "syscall" (func)) (import "env" "fork" (func)))'));
  assert.equal(withOrderedImports(before, ORDER), before);
});
