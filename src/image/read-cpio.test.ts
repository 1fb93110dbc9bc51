// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArchiveError } from './archive-error.ts';
import { type CpioEntry, characterDevice, cpioArchive, directory, file, symbolicLink } from './cpio.ts';
import { isCpio, readCpio } from './read-cpio.ts';

const text = (string: string): Uint8Array => new TextEncoder().encode(string);

test('what was written is read', () => {
  const entries: CpioEntry[] = [
    directory('.'),
    directory('tmp', 0o1777),
    file('tmp/läßt', text('hello'), 0o4755, { uid: 1000, gid: 100 }),
    symbolicLink('sh', '/bin/busybox'),
    { ...characterDevice('console', 0o600, 5, 1), mtime: 12345 },
  ];
  const archive = cpioArchive(entries);
  assert.ok(isCpio(archive));
  const read = readCpio(archive);
  assert.deepEqual(
    read.map(({ path, mode, uid, gid, device, data }) => ({ path, mode, uid, gid, device, data: [...data] })),
    entries.map(({ path, mode, uid, gid, device, data }) => ({ path, mode, uid, gid, device, data: [...data] })),
  );
  assert.equal(read.at(-1)?.mtime, 12345);
});

test('hard links are kept, within one archive', () => {
  const linked = (path: string, data: string): CpioEntry => ({ ...file(path, text(data)), hardLink: 'key' });
  const one = cpioArchive([linked('a', 'data'), file('b', text('b')), linked('c', '')]);
  const [a, b, c, other] = readCpio(Buffer.concat([one, new Uint8Array(512), one]));
  assert.ok(a?.hardLink);
  assert.equal(a.hardLink, c?.hardLink);
  assert.equal(b?.hardLink, undefined);
  assert.notEqual(other?.hardLink, a.hardLink);
});

test('a damaged archive is refused', () => {
  const archive = cpioArchive([file('a', text('some data'))]);
  assert.throws(() => readCpio(archive.subarray(0, 116)), new ArchiveError('it is cut off'));
  assert.throws(() => readCpio(archive.subarray(0, 50)), ArchiveError);
  const damaged = Uint8Array.from(archive);
  damaged[20] = 0x21;
  assert.throws(() => readCpio(damaged), new ArchiveError('it is damaged: there is no cpio entry at byte 0'));
  damaged.set(archive);
  damaged[110] = 0xff;
  assert.throws(() => readCpio(damaged), /not UTF-8/);
});
