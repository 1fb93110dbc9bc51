// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { cpioArchive, file } from '../image/cpio.ts';
import { readCpio } from '../../tests/harness/cpio-reader.ts';
import { readRoot } from './root.ts';
import { UsageError } from './usage-error.ts';

const MEMORY = 128 * 2 ** 20;

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmlinux-'));
});
after(() => rmSync(folder, { recursive: true }));

/** A file of the test's folder with this contents. */
const made = (name: string, contents: Uint8Array): string => {
  writeFileSync(join(folder, name), contents);
  return join(folder, name);
};

const refused = (path: string, message: RegExp, memory = MEMORY): void => {
  assert.throws(
    () => readRoot(path, memory),
    (error) => error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'),
  );
};

test('a folder is packed with links, modes and times', () => {
  const root = join(folder, 'root');
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'bin/tool'), 'tool', { mode: 0o755 });
  linkSync(join(root, 'bin/tool'), join(root, 'bin/same'));
  symlinkSync('bin/tool', join(root, 'link'));
  const { type, archive } = readRoot(root, MEMORY);
  assert.equal(type, 'tree');
  const entries = readCpio(archive);
  assert.deepEqual(
    entries.map(({ path, mode }) => [path, mode.toString(8)]),
    [
      ['root', '40755'],
      ['root/bin', '40755'],
      ['root/bin/same', '100755'],
      ['root/bin/tool', '100755'],
      ['root/link', '120777'],
    ],
  );
  const [, , same, tool, link] = entries;
  assert.equal(same?.inode, tool?.inode);
  assert.deepEqual(
    [same, tool, link].map((entry) => Buffer.from(entry?.data ?? []).toString()),
    ['tool', '', 'bin/tool'],
  );
  assert.ok(Math.abs(Date.now() / 1000 - (tool?.mtime ?? 0)) < 3600);
});

test('what is no root is a mistake', () => {
  refused(join(folder, 'absent'), /absent: no such file/);
  refused(
    made('text', Buffer.from('some text')),
    /text: neither a folder nor an image that is known: cpio .* squashfs/,
  );
  refused(made('empty', Buffer.alloc(0)), /neither/);
  const archive = cpioArchive([file('a', Buffer.alloc(100_000, 'x'))]);
  refused(made('cut.cpio', archive.subarray(0, 50_000)), /cut.cpio: it is cut off/);
  refused(made('cut.cpio.gz', gzipSync(archive).subarray(0, 100)), /cut.cpio.gz: it is damaged: /);
  refused(made('leaves.cpio', cpioArchive([file('../a', Buffer.alloc(0))])), /leads out of it/);
});

test('what has no end is no root', () => {
  refused('/dev/zero', /zero: neither a folder nor a file/);
});

test('a folder or an image that is too large is not even read', () => {
  const large = join(folder, 'large');
  mkdirSync(large);
  writeFileSync(join(large, 'sparse'), '');
  truncateSync(join(large, 'sparse'), 2 ** 40);
  refused(large, /large: it has more than 128M/);
  refused(join(large, 'sparse'), /sparse: it has more than 128M, the memory of the machine/);
});

test('other file systems are left out of a folder', () => {
  // Most of what lies in /dev is on it; /dev/pts and others are mounted there on every Linux.
  const { archive } = readRoot('/dev', MEMORY);
  assert.equal(
    readCpio(archive).find(({ path }) => path === 'root/dev/pts/ptmx'),
    undefined,
  );
});

test('what does not fit is told with the memory that it takes', () => {
  const archive = cpioArchive([file('a', Buffer.alloc(60 * 2 ** 20))]);
  refused(made('large.cpio', archive), /large.cpio: 61M do not fit into a machine of 128M; it takes --memory 165M/);
  // The kernel would give the files half of the memory.
  const { bootOption } = readRoot(join(folder, 'large.cpio'), 165 * 2 ** 20);
  assert.match(bootOption, /^initramfs_options=size=115201k,nr_inodes=21121$/);
  refused(made('large.cpio.gz', gzipSync(archive)), /larger, when decompressed, than --memory \(32M\)/, 32 * 2 ** 20);
});
