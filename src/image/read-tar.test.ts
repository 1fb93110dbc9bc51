// SPDX-License-Identifier: MIT
/** Against the archives that tar(1) makes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ArchiveError } from './archive-error.ts';
import { isTar, readTar } from './read-tar.ts';

/** Longer than a header's field. */
const LONG = `${'long-'.repeat(30)}name`;
const FOLDERS = `${'folder-'.repeat(12)}a/${'folder-'.repeat(12)}b`;

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmlinux-'));
  mkdirSync(join(folder, FOLDERS), { recursive: true });
  writeFileSync(join(folder, FOLDERS, 'file'), 'below', { mode: 0o600 });
  writeFileSync(join(folder, 'läßt'), 'x'.repeat(1000), { mode: 0o755 });
  linkSync(join(folder, 'läßt'), join(folder, 'same'));
  symlinkSync('läßt', join(folder, 'link'));
  execFileSync('mkfifo', ['-m', '640', join(folder, 'fifo')]);
});
after(() => rmSync(folder, { recursive: true }));

const tar = (format: string, ...names: string[]): Uint8Array =>
  execFileSync(
    'tar',
    [
      '-C',
      folder,
      '-cf',
      '-',
      `--format=${format}`,
      '--owner=user:3000000',
      '--group=group:7',
      '--mtime=@1234567890',
      ...names,
    ],
    {
      maxBuffer: 2 ** 24,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );

test('each format of tar gives names, types, modes, owners, times and contents', () => {
  for (const format of ['gnu', 'posix']) {
    const archive = tar(format, '--sort=name', '.');
    assert.ok(isTar(archive));
    const entries = new Map(readTar(archive).map((entry) => [entry.path, entry]));
    const get = (path: string) => {
      const entry = entries.get(path);
      assert.ok(entry, `${format}: ${path}`);
      return { ...entry, data: Buffer.from(entry.data).toString() };
    };
    assert.equal(get('./').mode & 0o170000, 0o040000);
    const below = get(`./${FOLDERS}/file`);
    assert.deepEqual(
      [below.data, below.mode, below.uid, below.gid, below.mtime],
      ['below', 0o100600, 3_000_000, 7, 1_234_567_890],
    );
    assert.deepEqual([get('./link').mode & 0o170000, get('./link').data], [0o120000, 'läßt']);
    assert.equal(get('./fifo').mode, 0o010640);
    const [first, second] = [get('./läßt'), get('./same')];
    assert.equal(first.data, 'x'.repeat(1000));
    assert.equal(second.data, '');
    assert.equal(first.hardLink, second.hardLink);
    assert.ok(first.hardLink);
  }
});

test('names and targets that are longer than the fields', () => {
  writeFileSync(join(folder, LONG), 'l');
  symlinkSync(LONG, join(folder, `${LONG}-link`));
  for (const format of ['gnu', 'posix']) {
    const [file, link] = readTar(tar(format, LONG, `${LONG}-link`));
    assert.deepEqual([file?.path, link?.path, Buffer.from(link?.data ?? []).toString()], [LONG, `${LONG}-link`, LONG]);
  }
  // Without an extension a long name is split in two.
  assert.equal(readTar(tar('ustar', '--owner=0', join(FOLDERS, 'file')))[0]?.path, join(FOLDERS, 'file'));
});

test('a damaged archive is refused', () => {
  const archive = tar('posix', 'läßt');
  assert.throws(
    () => readTar(archive.subarray(0, archive.length - 2 * 10240 + 600)),
    new ArchiveError('it is cut off'),
  );
  const damaged = Uint8Array.from(archive);
  damaged[1] = 0x21;
  assert.equal(isTar(damaged), false);
  assert.throws(() => readTar(damaged), /no tar header at byte 0/);
  assert.equal(isTar(new Uint8Array(1024)), false);
});
