// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MalformedModule, Reader, Writer } from './binary.ts';

test('a number is read back as it was written, whatever its length', () => {
  const numbers = [0, 1, 127, 128, 300, 16_383, 16_384, 0x7fffffff, 0x80000000, 0xffffffff];
  const writer = new Writer();
  for (const number of numbers) writer.u32(number);
  const reader = new Reader(writer.finish());
  assert.deepEqual(
    numbers.map(() => reader.u32()),
    numbers,
  );
  assert.ok(reader.atEnd);
});

test('a padded number is read', () => {
  assert.equal(new Reader(Uint8Array.of(0x81, 0x80, 0x80, 0x80, 0x00)).u32(), 1);
});

test('text may be of any language and any length', () => {
  const text = 'größer 漢字 '.repeat(100);
  assert.equal(new Reader(new Writer().text(text).finish()).text(), text);
});

test('bytes that end too early are refused', () => {
  assert.throws(() => new Reader(Uint8Array.of(0x80)).u32(), MalformedModule);
  assert.throws(() => new Reader(Uint8Array.of(5, 65)).text(), MalformedModule);
  assert.throws(() => new Reader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0x01)).u32(), MalformedModule);
});
