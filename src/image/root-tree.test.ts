// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCpio } from '../../tests/harness/cpio-reader.ts';
import { ArchiveError } from './archive-error.ts';
import { directory, file } from './cpio.ts';
import { rootFormat } from './root-format.ts';
import { imageArchive, treeArchive } from './root-tree.ts';

const empty = new Uint8Array(0);
const modes = (archive: Uint8Array): [string, string][] =>
  readCpio(archive).map(({ path, mode }) => [path, mode.toString(8)]);

test('all is moved under /root, folders that are missing are made', () => {
  const entries = [
    file('./bin/sh', empty, 0o755),
    directory('./bin', 0o700),
    file('/etc/passwd', empty),
    directory('.', 0o711),
  ];
  assert.deepEqual(modes(treeArchive(entries)), [
    ['root', '40755'],
    ['root/bin', '40755'],
    ['root/bin/sh', '100755'],
    ['root/bin', '40700'],
    ['root/etc', '40755'],
    ['root/etc/passwd', '100644'],
    ['root', '40711'],
  ]);
  assert.deepEqual(modes(treeArchive([])), [['root', '40755']]);
});

test('nothing gets out of it', () => {
  assert.throws(() => treeArchive([file('a/../../init', empty)]), ArchiveError);
});

test('formats are recognised by what is inside', () => {
  const imageWith = (at: number, ...bytes: number[]): Uint8Array => {
    const image = new Uint8Array(4096);
    image.set(bytes, at);
    return image;
  };
  assert.equal(rootFormat(imageWith(0, 0x1f, 0x8b)), 'gzip');
  assert.equal(rootFormat(imageWith(0, 0x28, 0xb5, 0x2f, 0xfd)), 'zstd');
  assert.equal(rootFormat(imageWith(0, ...Buffer.from('hsqs'))), 'squashfs');
  assert.equal(rootFormat(imageWith(1024, 0xe2, 0xe1, 0xf5, 0xe0)), 'erofs');
  assert.equal(rootFormat(imageWith(1080, 0x53, 0xef)), 'ext4');
  assert.equal(rootFormat(imageArchive(imageWith(1080, 0x53, 0xef))), 'cpio');
  assert.equal(rootFormat(empty), undefined);
  assert.equal(rootFormat(new Uint8Array(4096)), undefined);
});
