// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Keyboard } from './keyboard.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('what was typed is read in order, before and after it is asked for', async () => {
  const keyboard = new Keyboard(() => {});
  keyboard.type(bytes('a'));
  keyboard.type(bytes('b'));
  assert.deepEqual([await keyboard.read(), await keyboard.read()], [bytes('a'), bytes('b')]);
  const next = keyboard.read();
  keyboard.type(bytes('c'));
  assert.deepEqual(await next, bytes('c'));
});

test('three Ctrl-] in a row are the escape, and are read all the same', async () => {
  let escapes = 0;
  const keyboard = new Keyboard(() => escapes++);
  for (const text of ['\x1d\x1d', 'x', '\x1d\x1dx\x1d']) keyboard.type(bytes(text));
  assert.equal(escapes, 0);
  keyboard.type(bytes('\x1d'));
  keyboard.type(bytes('\x1d'));
  assert.equal(escapes, 1);
  assert.deepEqual(await keyboard.read(), bytes('\x1d\x1d'));
});
