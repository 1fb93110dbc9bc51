// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { OutputCache } from './cache.ts';
import { clean } from './clean.ts';

let folder: string;
let cache: OutputCache;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmlinux-cache-'));
  cache = new OutputCache(folder, 'one');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('shows an output only when it is whole', () => {
  const growing = cache.begin('libc');
  writeFileSync(join(growing, 'libc.a'), 'x');
  assert.equal(cache.find('libc', '12'), undefined);
  const path = cache.publish('libc', '12');
  assert.equal(cache.find('libc', '12'), path);
  assert.equal(readFileSync(join(path, 'libc.a'), 'utf8'), 'x');
});

it('begins with an empty folder after an interrupted build', () => {
  writeFileSync(join(cache.begin('libc'), 'half'), '');
  assert.deepEqual(readdirSync(cache.begin('libc')), []);
});

it('keeps the output of whoever was first when two checkouts build the same', () => {
  const other = new OutputCache(folder, 'two');
  writeFileSync(join(cache.begin('libc'), 'by'), 'one');
  writeFileSync(join(other.begin('libc'), 'by'), 'two');
  const path = cache.publish('libc', '12');
  assert.equal(other.publish('libc', '12'), path);
  assert.equal(readFileSync(join(path, 'by'), 'utf8'), 'one');
});

it('forgets the outputs of a step that were not used for longest, and no other', () => {
  const publish = (name: string, key: string, used: number) => {
    cache.begin(name);
    utimesSync(cache.publish(name, key), used, used);
  };
  publish('libcxx', '1', 1);
  for (let used = 1; used <= 6; used++) publish('libc', `${used}`, used);
  assert(cache.find('libc', '1'), 'used now');
  publish('libc', '7', 7);
  assert.deepEqual(
    ['1', '2', '3', '7'].map((key) => existsSync(cache.path('libc', key))),
    [true, false, true, true],
  );
  assert(existsSync(cache.path('libcxx', '1')));
});

it('keeps what may be in use by another checkout, however much there is', () => {
  for (let key = 1; key <= 10; key++) {
    cache.begin('libc');
    cache.publish('libc', `${key}`);
  }
  assert(existsSync(cache.path('libc', '1')));
});

it('is removed by clean, but a folder that no build has marked is not', () => {
  const root = mkdtempSync(join(tmpdir(), 'wasmlinux-root-'));
  try {
    assert.deepEqual(clean(root, folder), []);
    cache.begin('libc');
    assert.deepEqual(clean(root, folder), [folder]);
    assert(!existsSync(folder));
  } finally {
    rmSync(root, { recursive: true });
  }
});
