// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { FileHashes } from './file-hashes.ts';

let root: string;
const hashes = () => new FileHashes(root, join(root, 'memory.json'));

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wasmlinux-hashes-'));
});
afterEach(() => rmSync(root, { recursive: true }));

it('sees a change that keeps size and modification time', () => {
  const file = join(root, 'f');
  writeFileSync(file, 'one');
  const { atime, mtime } = statSync(file);
  const first = hashes();
  const before = first.lines('f');
  first.save();
  writeFileSync(file, 'two');
  utimesSync(file, atime, mtime);
  assert.notDeepEqual(hashes().lines('f'), before);
});

it('tells an executable from a file, and a link by where it points', () => {
  writeFileSync(join(root, 'f'), '');
  const before = hashes().lines('f');
  chmodSync(join(root, 'f'), 0o755);
  assert.notDeepEqual(hashes().lines('f'), before);
  symlinkSync('nowhere', join(root, 'l'));
  assert.deepEqual(hashes().lines('l'), ['l link nowhere']);
});

it('lists the files of a folder in one order', () => {
  for (const name of ['b', 'a', 'c']) writeFileSync(join(root, name), name);
  assert.deepEqual(
    hashes()
      .lines('.')
      .map((line) => line.split(' ')[0]),
    ['./a', './b', './c'],
  );
});

it('remembers a file that is not fresh, and believes the memory only while stat agrees', () => {
  // The kernel's clock can't be set back, so an old file is one of the machine's own.
  const old = new FileHashes('/etc', join(root, 'memory.json'));
  const lines = old.lines('debian_version');
  old.save();
  const memory = readFileSync(join(root, 'memory.json'), 'utf8');
  assert.match(memory, /debian_version/);
  const hash = /[0-9a-f]{64}/;
  writeFileSync(join(root, 'memory.json'), memory.replace(hash, 'believed'));
  assert.deepEqual(new FileHashes('/etc', join(root, 'memory.json')).lines('debian_version'), [
    'debian_version file believed',
  ]);
  writeFileSync(join(root, 'memory.json'), memory.replace(hash, 'believed').replace(/"\d+ /, '"99999 '));
  assert.deepEqual(new FileHashes('/etc', join(root, 'memory.json')).lines('debian_version'), lines);
});

it('survives a memory that was cut short', () => {
  writeFileSync(join(root, 'f'), '');
  writeFileSync(join(root, 'memory.json'), '[["f",["1');
  assert.equal(hashes().lines('f').length, 1);
});
