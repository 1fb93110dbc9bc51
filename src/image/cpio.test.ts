// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { archiveTime, characterDevice, cpioArchive, directory, file, symbolicLink } from './cpio.ts';
import { readCpio } from '../../tests/harness/cpio-reader.ts';

const text = (string: string): Uint8Array => new TextEncoder().encode(string);

test('every kind of file comes back with its mode, owner, time and contents', () => {
  const archive = cpioArchive([
    directory('tmp', 0o1777),
    file('tmp/läßt', text('hello'), 0o4755, { uid: 1000, gid: 100 }),
    symbolicLink('sh', '/bin/busybox'),
    characterDevice('console', 0o600, 5, 1),
  ]);
  const [tmp, hello, link, console] = readCpio(archive);
  assert.deepEqual([tmp?.path, tmp?.mode, tmp?.data.length], ['tmp', 0o041777, 0]);
  assert.deepEqual([hello?.path, hello?.mode, hello?.uid, hello?.gid], ['tmp/läßt', 0o104755, 1000, 100]);
  assert.deepEqual([hello?.mtime, hello?.data], [archiveTime, text('hello')]);
  assert.deepEqual([link?.mode, link?.data], [0o120777, text('/bin/busybox')]);
  assert.deepEqual([console?.mode, console?.device], [0o020600, [5, 1]]);
});

test('no two entries share an inode number, which the kernel would take for a hard link', () => {
  const entries = readCpio(cpioArchive([file('a', text('a')), file('b', text('b')), directory('c')]));
  assert.equal(new Set(entries.map((entry) => entry.inode)).size, 3);
});

test('names and contents of every length keep the alignment, so that archives can be concatenated', () => {
  for (let length = 0; length < 9; length++) {
    const one = cpioArchive([file('n'.repeat(length + 1), text('d'.repeat(length)))]);
    assert.equal(one.length % 4, 0);
    const both = readCpio(new Uint8Array([...one, ...one]));
    assert.deepEqual(
      both.map((entry) => [entry.path.length, entry.data.length]),
      [
        [length + 1, length],
        [length + 1, length],
      ],
    );
  }
});

test('equal entries make equal archives', () => {
  const make = (): Uint8Array => cpioArchive([directory('d'), file('d/f', text('x'))]);
  assert.deepEqual(make(), make());
});

test('a name that the kernel would not unpack is refused', () => {
  assert.throws(() => cpioArchive([directory('x'.repeat(4096))]), RangeError);
});
