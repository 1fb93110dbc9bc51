// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enumeration, flags, permissions, pointer, quote } from './text.ts';

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

test('strings are C literals', () => {
  assert.equal(quote(bytes('plain')), '"plain"');
  assert.equal(quote(bytes('\t\n\v\f\r"\\')), '"\\t\\n\\v\\f\\r\\"\\\\"');
  // Three digits where the next character would be read as one.
  assert.equal(quote(bytes('\x01\x017\x019')), '"\\1\\0017\\19"');
  assert.equal(quote(bytes('\0\x7f\xff')), '"\\0\\177\\377"');
  assert.equal(quote(bytes('cut'), true), '"cut"...');
});

test('numbers are written as C writes them', () => {
  assert.equal(pointer(0), 'NULL');
  assert.equal(pointer(-1), '0xffffffff');
  assert.deepEqual([0, 5, 0o22, 0o644, 0o4755].map(permissions), ['000', '005', '022', '0644', '04755']);
});

test('bits have names, and what has none is a number', () => {
  const set = flags('', 'X_', { X_BOTH: 3, X_A: 1, X_B: 2, X_TOP: 0x80000000 });
  assert.equal(set.show(0), '0');
  assert.equal(set.show(2), 'X_B');
  assert.equal(set.show(3), 'X_BOTH');
  assert.equal(set.show(0x80000011), 'X_A|X_TOP|0x10');
  assert.equal(set.show(0x10), '0x10 /* X_??? */');
  assert.equal(flags('', 'X_', { X_NONE: 0, X_A: 1 }).show(0), 'X_NONE');
});

test('values have names', () => {
  const set = enumeration('', 'Y_', { Y_LAST: -1, Y_FIRST: 0 });
  assert.equal(set.show(0), 'Y_FIRST');
  assert.equal(set.show(0xffffffff), 'Y_LAST');
  assert.equal(set.show(7), '0x7 /* Y_??? */');
});
