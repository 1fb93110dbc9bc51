// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { expandResponseFiles } from './response-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-test-'));
after(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return `@${join(folder, name)}`;
};

test('the words of a file take the place of its name, quotes and backslashes as in a shell', () => {
  const argument = file('args', `-c "two words.c"\n-DX='"y"'\t-DZ=a\\ b ""\n`);
  assert.deepEqual(expandResponseFiles(['cc', argument, '-O2']), [
    'cc',
    '-c',
    'two words.c',
    '-DX="y"',
    '-DZ=a b',
    '',
    '-O2',
  ]);
});

test('a file may name another one', () => {
  assert.deepEqual(expandResponseFiles([file('outer', `-a ${file('inner', '-b')}`)]), ['-a', '-b']);
});

test('one that is not there stays an argument', () => {
  assert.deepEqual(expandResponseFiles(['@/nonexistent']), ['@/nonexistent']);
});
