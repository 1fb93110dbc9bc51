// SPDX-License-Identifier: MIT
/** How the patches and the overlay get into the kernel's source tree, on trees of two or three files; and the series itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { applySeries, mirror, patchedFiles, readSeries } from './linux-tree.ts';
import type { ExecOptions } from './step.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'linux-tree-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const context = {
  async exec(command: string, args: readonly string[], options: ExecOptions = {}): Promise<void> {
    const { status, stdout } = spawnSync(command, args, { cwd: options.cwd, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ended with status ${status}: ${stdout}`);
  },
};

const LONG_AGO = new Date('2001-02-03T04:05:06Z');

/** Writes files below the test's folder, all of them old. */
function write(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, LONG_AGO, LONG_AGO);
  }
}
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const isUntouched = (name: string): boolean => statSync(join(folder, name)).mtimeMs === LONG_AGO.getTime();

/** A patch that replaces the only line of a file. */
const replacing = (file: string, from: string, to: string): string =>
  `Subject: a test\n\nBecause.\n---\n--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-${from}\n+${to}\n`;

const apply = (): Promise<void> => applySeries(context, join(folder, 'patches'), join(folder, 'tree'));

test('a series is applied in order, and files that it leaves alone keep their time', async () => {
  write({
    'tree/mm/a.c': 'one\n',
    'tree/mm/b.c': 'one\n',
    'patches/series': '# comment\n1.patch\n2.patch\n',
    'patches/1.patch': replacing('mm/a.c', 'one', 'two'),
    'patches/2.patch': replacing('mm/a.c', 'two', 'three'),
  });
  await apply();
  assert.equal(read('tree/mm/a.c'), 'three\n');
  assert.ok(isUntouched('tree/mm/b.c'));
});

test('when a patch changes, only the files that come out differently are written', async () => {
  write({
    'tree/a.c': 'one\n',
    'tree/b.c': 'one\n',
    'patches/series': '1.patch\n2.patch\n',
    'patches/1.patch': replacing('a.c', 'one', 'two'),
    'patches/2.patch': replacing('b.c', 'one', 'two'),
  });
  await apply();
  write({ 'tree/a.c': 'two\n', 'tree/b.c': 'two\n', 'patches/2.patch': replacing('b.c', 'one', 'four') });
  await apply();
  assert.equal(read('tree/b.c'), 'four\n');
  assert.ok(isUntouched('tree/a.c'));
});

test('a file that is no longer patched is as Debian made it', async () => {
  write({ 'tree/a.c': 'one\n', 'patches/series': '1.patch\n', 'patches/1.patch': replacing('a.c', 'one', 'two') });
  await apply();
  write({ 'patches/series': '' });
  await apply();
  assert.equal(read('tree/a.c'), 'one\n');
});

test('a patch that does not apply is an error and leaves the tree as it was', async () => {
  write({ 'tree/a.c': 'one\n', 'patches/series': '1.patch\n', 'patches/1.patch': replacing('a.c', 'other', 'two') });
  await assert.rejects(apply(), /patch ended with status 1/);
  assert.equal(read('tree/a.c'), 'one\n');
});

test('the overlay is mirrored: new files appear, removed ones vanish, equal ones keep their time', () => {
  write({
    'overlay/Makefile': 'same\n',
    'overlay/mm/new.c': 'new\n',
    'tree/Makefile': 'same\n',
    'tree/mm/old.c': 'old\n',
    'tree/configs/made': 'here\n',
  });
  mirror(join(folder, 'overlay'), join(folder, 'tree'), 'configs');
  assert.equal(read('tree/mm/new.c'), 'new\n');
  assert.ok(!existsSync(join(folder, 'tree/mm/old.c')));
  assert.ok(existsSync(join(folder, 'tree/configs/made')));
  assert.ok(isUntouched('tree/Makefile'));
});

const patches = join(import.meta.dirname, '..', '..', 'kernel', 'patches');

test('the series names every patch', () => {
  assert.deepEqual(
    readdirSync(patches)
      .filter((name) => name.endsWith('.patch'))
      .sort(),
    readSeries(patches),
  );
});

test('every patch says why, and all together add at most 150 lines to generic files', () => {
  let added = 0;
  for (const name of readSeries(patches)) {
    const text = readFileSync(join(patches, name), 'utf8');
    assert.match(text, /^Subject: .+\n\n(?:.+\n)[\s\S]*?\n---\n/, `${name} has a subject and a reason`);
    for (const file of patchedFiles(text)) assert.doesNotMatch(file, /^arch\//, `${name} changes generic files only`);
    added += text.match(/^\+(?!\+\+ )/gm)?.length ?? 0;
  }
  assert.ok(added <= 150, `${added} lines`);
});
