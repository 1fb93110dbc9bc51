// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { UsageError } from './usage-error.ts';
import { hostProgram } from './command-program.ts';

const module = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
let folder = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmlinux-'));
  writeFileSync(join(folder, 'hello.wasm'), module);
  writeFileSync(join(folder, 'hello'), module);
  writeFileSync(join(folder, 'text.wasm'), 'no module');
  writeFileSync(join(folder, 'text'), 'no module');
  mkdirSync(join(folder, 'folder.wasm'));
});
after(() => rmSync(folder, { recursive: true }));

test('a module of the host is read, whatever its name', () => {
  assert.deepEqual(hostProgram(join(folder, 'hello.wasm')), module);
  assert.deepEqual(hostProgram(join(folder, 'hello')), module);
});

test('other words and paths are the guest to find', () => {
  assert.equal(hostProgram('ls'), undefined);
  assert.equal(hostProgram('/bin/ls'), undefined);
  assert.equal(hostProgram(join(folder, 'text')), undefined);
  assert.equal(hostProgram('/nowhere/of-the-guest.wasm'), undefined);
});

test('a named .wasm file that is absent or no module is a mistake', () => {
  assert.throws(() => hostProgram('absent.wasm'), new UsageError('absent.wasm: no such file'));
  assert.throws(() => hostProgram(join(folder, 'text.wasm')), UsageError);
  const directory = relative('.', join(folder, 'folder.wasm'));
  assert.throws(() => hostProgram(directory), new UsageError(`${directory}: is a directory`));
});
