// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, assertText } from '../../tests/harness/wat.ts';
import { foldGot } from './fold-got.ts';
import { readModule, SECTION, type Section } from './module.ts';

/** wabt writes indices as short as they are; wasm-ld pads them. Pads those of one function without locals. */
function pad(sections: readonly Section[]): Section[] {
  return sections.map((section) => {
    if (section.id !== SECTION.code) return section;
    const bytes = [...section.payload].flatMap((byte, index, all) =>
      index > 3 && (all[index - 1] === 0x23 || all[index - 1] === 0x24)
        ? [byte | 0x80, 0x80, 0x80, 0x80, 0x00]
        : [byte],
    );
    bytes[1] = bytes.length - 2;
    return { ...section, payload: Uint8Array.from(bytes) };
  });
}

const padded = (text: string) => pad(readModule(assemble(text)));

test('a read of an entry becomes a constant, the entry goes, and what stood behind it moves up', () => {
  assertText(
    (sections) => foldGot(pad(sections)).sections,
    `(module
      (global $__stack_pointer (mut i32) (i32.const 65536))
      (global $GOT.func.internal.call i32 (i32.const 1))
      (global $GOT.data.internal.counter i32 (i32.const -70000))
      (global $last (mut i32) (i32.const 7))
      (func $f (result i32)
        global.get $__stack_pointer
        global.get $GOT.func.internal.call
        global.get $GOT.data.internal.counter
        global.get $last
        i32.add
        i32.add
        i32.add)
      (export "last" (global $last)))`,
    `(module
      (type (;0;) (func (result i32)))
      (func $f (type 0) (result i32)
      global.get $__stack_pointer
      i32.const 1
      i32.const -70000
      global.get $last
      i32.add
      i32.add
      i32.add)
      (global $__stack_pointer (mut i32) (i32.const 65536))
      (global $last (mut i32) (i32.const 7))
      (export "last" (global $last)))`,
  );
});

test('no code moves', () => {
  const before = padded(`(module (global $GOT.func.internal.call i32 (i32.const 1))
    (func (result i32) global.get $GOT.func.internal.call))`);
  const { sections } = foldGot(before);
  const size = (all: readonly Section[]) => all.find(({ id }) => id === SECTION.code)?.payload.length;
  assert.equal(size(sections), size(before));
});

test('a program without a table stays as it is', () => {
  const before = padded('(module (global $__stack_pointer (mut i32) (i32.const 0)))');
  assert.equal(foldGot(before).sections, before);
});

for (const [what, text, expected] of [
  [
    'an import',
    '(module (import "GOT.func" "puts" (global (mut i32))) (func $f i32.const 1 global.get 0 drop drop))',
    { symbol: 'puts', reason: 'is in no object or library of this link', user: { name: 'f', at: 6 } },
  ],
  [
    'an export',
    '(module (global $GOT.data.internal.counter i32 (i32.const 4)) (export "counter" (global 0)))',
    { symbol: 'counter', reason: 'is exported', user: undefined },
  ],
  [
    'an assignment',
    '(module (global $GOT.data.internal.x (mut i32) (i32.const 4)) (func $f i32.const 1 global.set 0))',
    { symbol: 'x', reason: 'is assigned', user: { name: 'f', at: 6 } },
  ],
] as const) {
  test(`${what} of an entry is reported, and nothing is changed`, () => {
    const before = padded(text);
    const { sections, escapes } = foldGot(before);
    assert.deepEqual(escapes, [expected]);
    assert.equal(sections, before);
  });
}

test('a constant that has no room is reported with its user', () => {
  const before = readModule(
    assemble(`(module (global $GOT.data.internal.x i32 (i32.const 1024)) (func $reader (result i32) global.get 0))`),
  );
  const [problem] = foldGot(before).escapes;
  assert.equal(problem?.user?.name, 'reader');
  assert.match(problem?.reason ?? '', /compress-relocations/);
});
