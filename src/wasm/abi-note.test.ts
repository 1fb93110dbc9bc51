// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { type AbiNote, EXCEPTION_FLAVOUR, FORK_MODE, PREEMPTION_MODE, readAbiNote, withAbiNote } from './abi-note.ts';
import { readModule, writeModule } from './module.ts';

const note: AbiNote = {
  version: 1,
  fork: FORK_MODE.frames,
  preemption: PREEMPTION_MODE.none,
  exceptions: EXCEPTION_FLAVOUR.exnref,
  stackSize: 262_144,
  cards: 0x20000,
};

test('the note has the documented bytes and is the last section', () => {
  const sections = withAbiNote(readModule(assemble('(module (func))')), note);
  assert.equal(sections.at(-1)?.name, 'wasmlinux.abi');
  assert.deepEqual([...(sections.at(-1)?.payload ?? [])], [1, 0, 1, 0, 2, 0, 0, 0, 0, 0, 4, 0, 0, 0, 2, 0]);
});

test('the note is read back; a second one takes the place of the first', () => {
  const once = withAbiNote(readModule(assemble('(module (func))')), note);
  const twice = withAbiNote(once, { ...note, stackSize: 8_388_608 });
  const read = readModule(writeModule(twice));
  assert.deepEqual(readAbiNote(read), { ...note, stackSize: 8_388_608 });
  assert.equal(read.length, once.length);
});

test('an older note has no card table', () => {
  const sections = withAbiNote(readModule(assemble('(module (func))')), note);
  const older = sections.map((section) => ({ ...section, payload: section.payload.subarray(0, 12) }));
  assert.deepEqual(readAbiNote(older), { ...note, cards: 0 });
});

test('a plain module has none', () => {
  assert.equal(readAbiNote(readModule(assemble('(module (func))'))), undefined);
});
