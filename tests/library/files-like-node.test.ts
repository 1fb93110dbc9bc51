// SPDX-License-Identifier: MIT
/**
 * linux.fs beside Node's: each case is done in the machine and, with node:fs/promises, on the host, where that is Linux, and must give the same;
 * then what only the library has.
 */
import assert from 'node:assert/strict';
import * as hostFs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Linux, LinuxError } from '../../src/index.ts';

let linux: Linux;
before(async () => {
  linux = await Linux.boot();
});
after(() => linux.terminate());

type Fs = typeof hostFs;
type Case = (fs: Fs, root: string) => Promise<unknown>;

/** What a call rejects with, as both say it. */
async function code(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

/** Bytes of a Buffer and of a Uint8Array compare as one. */
const plain = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const cases: Record<string, Case> = {
  'files are written, appended and read': async (fs, root) => {
    const path = `${root}/file`;
    await fs.writeFile(path, 'grüße\n');
    await fs.appendFile(path, Uint8Array.of(0, 255));
    await fs.writeFile(`${root}/hex`, '00ff7f', 'hex');
    return [
      plain(await fs.readFile(path)),
      await fs.readFile(path, 'utf8'),
      await fs.readFile(path, { encoding: 'base64' }),
      await fs.readFile(path, 'latin1'),
      await fs.readFile(`${root}/hex`, 'hex'),
      await code(fs.writeFile(path, '', { flag: 'wx' })),
      await code(fs.readFile(`${root}/none`)),
      await code(fs.readFile(root)),
      await code(fs.readFile(`${path}/below`)),
      await code(fs.writeFile(`${root}/none/file`, '')),
    ];
  },
  'sizes around the buffer of a task': async (fs, root) => {
    const sizes = [0, 1, 262143, 262144, 262145, 524288, 1_000_003];
    const results: unknown[] = [];
    for (const size of sizes) {
      const data = new Uint8Array(size).map((_, at) => at * 31 + (at >> 8));
      await fs.writeFile(`${root}/sized`, data);
      results.push([size, Buffer.from(await fs.readFile(`${root}/sized`)).equals(Buffer.from(data))]);
    }
    return results;
  },
  'pieces of an iterable': async (fs, root) => {
    await fs.writeFile(
      `${root}/pieces`,
      (async function* pieces() {
        yield 'a';
        yield 'b';
      })(),
    );
    return fs.readFile(`${root}/pieces`, 'utf8');
  },
  'folders: made, listed, removed': async (fs, root) => {
    const made = await fs.mkdir(`${root}/a/b/c`, { recursive: true });
    const again = await fs.mkdir(`${root}/a/b`, { recursive: true });
    await fs.writeFile(`${root}/a/file`, '');
    await fs.symlink('file', `${root}/a/link`);
    await fs.writeFile(`${root}/a/b/c/deep`, '');
    const entries = await fs.readdir(`${root}/a`, { withFileTypes: true });
    return [
      made?.slice(root.length),
      again,
      await fs.readdir(`${root}/a`),
      (await fs.readdir(`${root}/a`, { recursive: true })).sort(),
      entries.map((entry) => [
        entry.name,
        entry.isFile(),
        entry.isDirectory(),
        entry.isSymbolicLink(),
        entry.parentPath.slice(root.length),
      ]),
      await code(fs.mkdir(`${root}/a`)),
      await code(fs.mkdir(`${root}/none/below`)),
      await code(fs.mkdir(`${root}/a/file`, { recursive: true })),
      await code(fs.mkdir(`${root}/a/file/below`, { recursive: true })),
      await code(fs.readdir(`${root}/a/file`)),
      await code(fs.rmdir(`${root}/a`)),
      await code(fs.rmdir(`${root}/a/file`)),
      await code(fs.rm(`${root}/none`)),
      await code(fs.rm(`${root}/none`, { force: true })),
      await code(fs.rm(`${root}/none`, { force: true, recursive: true })),
      await code(fs.unlink(`${root}/none`)),
      await fs.rm(`${root}/a`, { recursive: true }),
      await code(fs.stat(`${root}/a`)),
    ];
  },
  'removing goes through no symbolic link': async (fs, root) => {
    await fs.mkdir(`${root}/kept`);
    await fs.writeFile(`${root}/kept/file`, 'x');
    await fs.mkdir(`${root}/gone`);
    await fs.symlink('../kept', `${root}/gone/link`);
    await fs.symlink('gone', `${root}/toGone`);
    await fs.rm(`${root}/toGone`, { recursive: true });
    const before = await fs.readdir(root);
    await fs.rm(`${root}/gone`, { recursive: true });
    return [before, await fs.readdir(root), await fs.readdir(`${root}/kept`)];
  },
  'what stat tells': async (fs, root) => {
    const path = `${root}/file`;
    await fs.writeFile(path, 'x'.repeat(5000), { mode: 0o640 });
    await fs.chmod(path, 0o4751);
    await fs.chown(path, 12, 34);
    await fs.utimes(path, 1_000_000.5, new Date(2_000_000_250));
    await fs.link(path, `${root}/second`);
    await fs.symlink('file', `${root}/link`);
    const { mode, size, uid, gid, nlink, atimeMs, mtimeMs, mtime, dev, ino } = await fs.stat(path);
    const link = await fs.lstat(`${root}/link`);
    const folder = await fs.stat(root);
    const second = await fs.stat(`${root}/link`);
    await fs.lutimes(`${root}/link`, 5, 6);
    return [
      { mode, size, uid, gid, nlink, atimeMs, mtimeMs, mtime },
      [link.isSymbolicLink(), link.isFile(), link.size, folder.isDirectory(), folder.isFile()],
      second.ino === ino && second.dev === dev,
      (await fs.lstat(`${root}/link`)).mtimeMs,
      (await fs.stat(path)).mtimeMs,
      (await fs.stat('/dev/null')).isCharacterDevice(),
      (await fs.stat('/dev/null')).rdev,
      await code(fs.chmod(`${root}/none`, 0o644)),
      await code(fs.chown(`${root}/none`, 0, 0)),
      await code(fs.utimes(`${root}/none`, 0, 0)),
    ];
  },
  'names: rename, links, real paths, access': async (fs, root) => {
    await fs.mkdir(`${root}/folder`);
    await fs.writeFile(`${root}/old`, 'x');
    await fs.rename(`${root}/old`, `${root}/folder/new`);
    await fs.symlink('folder/new', `${root}/link`);
    await fs.symlink('loop', `${root}/loop`);
    return [
      await fs.readlink(`${root}/link`),
      (await fs.realpath(`${root}/folder/../link`)).slice((await fs.realpath(root)).length),
      await code(fs.realpath(`${root}/none`)),
      await code(fs.realpath(`${root}/loop`)),
      await code(fs.readlink(`${root}/folder`)),
      await code(fs.rename(`${root}/none`, `${root}/x`)),
      await code(fs.rename(`${root}/folder`, `${root}/folder/inside`)),
      await code(fs.link(`${root}/none`, `${root}/x`)),
      await code(fs.symlink('x', `${root}/link`)),
      await code(fs.access(`${root}/link`)),
      await code(fs.access(`${root}/link`, fs.constants.X_OK)),
      await code(fs.access(`${root}/none`)),
      await code(fs.stat(`${root}/${'x'.repeat(300)}`)),
      await code(fs.stat(`${root}/${'x'.repeat(5000)}`)),
    ];
  },
  copies: async (fs, root) => {
    await fs.mkdir(`${root}/from/inner`, { recursive: true });
    await fs.writeFile(`${root}/from/file`, 'data'.repeat(100_000), { mode: 0o750 });
    await fs.writeFile(`${root}/from/inner/other`, 'other');
    await fs.symlink('/dev/null', `${root}/from/link`);
    await fs.copyFile(`${root}/from/file`, `${root}/copy`);
    await fs.copyFile(`${root}/from/inner/other`, `${root}/copy`);
    await fs.cp(`${root}/from`, `${root}/to`, { recursive: true });
    await fs.writeFile(`${root}/to/inner/other`, 'changed');
    await fs.cp(`${root}/from`, `${root}/to`, { recursive: true, force: false });
    const kept = await fs.readFile(`${root}/to/inner/other`, 'utf8');
    await fs.cp(`${root}/from/inner`, `${root}/to/inner`, { recursive: true });
    return [
      await fs.readFile(`${root}/copy`, 'utf8'),
      kept,
      await fs.readFile(`${root}/to/inner/other`, 'utf8'),
      (await fs.readdir(`${root}/to`, { recursive: true })).sort(),
      (await fs.stat(`${root}/to/file`)).mode,
      (await fs.readFile(`${root}/to/file`)).length,
      await fs.readlink(`${root}/to/link`),
      await code(fs.copyFile(`${root}/copy`, `${root}/to/file`, fs.constants.COPYFILE_EXCL)),
      await code(fs.copyFile(`${root}/none`, `${root}/x`)),
      await code(fs.copyFile(`${root}/copy`, `${root}/copy`)),
      (await fs.stat(`${root}/copy`)).size,
      (await code(fs.cp(`${root}/from`, `${root}/x`))) !== 'no error',
      (await code(fs.cp(`${root}/from`, `${root}/from/inner/more`, { recursive: true }))) !== 'no error',
      (await code(fs.cp(`${root}/from`, `${root}/to`, { recursive: true, force: false, errorOnExist: true }))) !==
        'no error',
    ];
  },
  'an open file': async (fs, root) => {
    const file = await fs.open(`${root}/file`, 'w+', 0o600);
    try {
      await file.write('0123456789');
      await file.write(Uint8Array.of(65, 66, 67), 1, 2, 4);
      await file.write('Z', 0);
      const buffer = new Uint8Array(6);
      const { bytesRead } = await file.read(buffer, 1, 4, 2);
      const rest = await file.readFile('utf8');
      await file.truncate(7);
      await file.sync();
      await file.datasync();
      await file.chmod(0o604);
      const { size, mode } = await file.stat();
      const end = await file.read(new Uint8Array(10), 0, 10, 7);
      return [bytesRead, plain(buffer), rest, size, mode, end.bytesRead, await fs.readFile(`${root}/file`, 'utf8')];
    } finally {
      await file.close();
    }
  },
  'flags of open': async (fs, root) => {
    const path = `${root}/file`;
    const results: unknown[] = [];
    for (const flags of ['r', 'ax', 'ax', 'a', 'r+', 'wx', 'w']) {
      try {
        const file = await fs.open(path, flags);
        results.push([flags, await code(file.write('text')), await code(file.readFile())]);
        await file.close();
      } catch (error) {
        results.push([flags, error instanceof Error && 'code' in error && error.code]);
      }
      results.push(await fs.readFile(path, 'utf8').catch(() => 'none'));
    }
    return results;
  },
  truncate: async (fs, root) => {
    await fs.writeFile(`${root}/file`, 'abcdef');
    await fs.truncate(`${root}/file`, 3);
    const short = await fs.readFile(`${root}/file`, 'utf8');
    await fs.truncate(`${root}/file`, 5);
    const long = await fs.readFile(`${root}/file`, 'hex');
    await fs.truncate(`${root}/file`);
    return [short, long, await fs.readFile(`${root}/file`, 'utf8'), await code(fs.truncate(`${root}/none`))];
  },
  'names that are no text': async (fs, root) => {
    const name = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff, 0x6f])]);
    await fs.writeFile(name, 'odd');
    const [bytes] = await fs.readdir(root, 'buffer');
    return [plain(bytes ?? new Uint8Array()), await fs.readdir(root), await fs.readFile(name, 'utf8')];
  },
  'temporary folders': async (fs, root) => {
    const path = await fs.mkdtemp(`${root}/tmp-`);
    return [path.length - root.length, (await fs.stat(path)).mode];
  },
};

for (const [name, work] of Object.entries(cases)) {
  test(name, async () => {
    const here = await hostFs.mkdtemp(join(tmpdir(), 'wasmlinux-files-'));
    try {
      const there = await linux.fs.mkdtemp('/tmp/files-');
      // Its type is Node's as far as the cases go.
      const result = await work(linux.fs as unknown as Fs, there);
      assert.deepEqual(result, await work(hostFs, here));
    } finally {
      await hostFs.rm(here, { recursive: true });
    }
  });
}

test('errors say which call failed, with Linux’s number, and where', async () => {
  await assert.rejects(linux.fs.readFile('/none'), (error: unknown) => {
    assert.ok(error instanceof LinuxError);
    const { code, errno, syscall, path, message } = error;
    assert.deepEqual(
      { code, errno, syscall, path, message },
      {
        code: 'ENOENT',
        errno: 2,
        syscall: 'open',
        path: '/none',
        message: "ENOENT: No such file or directory, open '/none'",
      },
    );
    return true;
  });
  await assert.rejects(linux.fs.rename('/none', '/tmp/x'), { path: '/none', dest: '/tmp/x', syscall: 'rename' });
  await assert.rejects(linux.fs.readFile('a\0b'), /has a NUL/);
  await assert.rejects(linux.fs.open('/tmp/x', 'q'), /no flag "q"/);
  await assert.rejects(linux.fs.chmod('/tmp', '999'), /are no permissions/);
  await assert.rejects(linux.fs.readFile(new URL('http://x/')), /not a file: URL/);
});

test('what programs write is read, and the other way round', async () => {
  await linux.run('mkdir -p /srv/a && seq 100000 > /srv/a/seq && mkfifo /srv/fifo');
  const text = await linux.fs.readFile(new URL('file:///srv/a/seq'), 'utf8');
  assert.equal(text.length, 588895);
  await linux.fs.writeFile('/srv/script', '#!/bin/sh\necho "$0 here"\n', { mode: 0o755 });
  assert.equal((await linux.run(['/srv/script'])).stdout, '/srv/script here\n');
  assert.ok((await linux.fs.stat('/srv/fifo')).isFIFO());
  assert.match(await linux.fs.readFile('/proc/self/status', 'utf8'), /^Name:/);
  assert.ok((await linux.fs.readdir('/proc')).includes('1'));
});

test('streams move a file chunk by chunk', async () => {
  const data = new Uint8Array(1_500_000).map((_, at) => at * 7 + (at >> 9));
  await new Response(data).body?.pipeTo(linux.fs.createWriteStream('/tmp/stream', { mode: 0o600 }));
  assert.equal((await linux.fs.stat('/tmp/stream')).mode, 0o100600);
  const chunks: number[] = [];
  const parts: Uint8Array[] = [];
  for await (const chunk of linux.fs.createReadStream('/tmp/stream')) {
    chunks.push(chunk.length);
    parts.push(chunk);
  }
  assert.ok(Buffer.concat(parts).equals(data));
  assert.equal(Math.max(...chunks), 256 * 1024);
  const part = await new Response(
    linux.fs.createReadStream('/tmp/stream', { start: 10, end: 19, chunkSize: 3 }),
  ).bytes();
  assert.deepEqual([...part], [...data.subarray(10, 20)]);
  const writer = linux.fs.createWriteStream('/tmp/stream', { flags: 'r+', start: 5 }).getWriter();
  await writer.write('text');
  await writer.close();
  assert.equal((await linux.fs.readFile('/tmp/stream')).length, data.length);
  assert.equal((await linux.run('dd if=/tmp/stream bs=1 skip=5 count=4 2>/dev/null')).stdout, 'text');
  await assert.rejects(new Response(linux.fs.createReadStream('/none')).text(), { code: 'ENOENT' });
  await assert.rejects(linux.fs.createWriteStream('/none/x').getWriter().write('x'), { code: 'ENOENT' });
});

test('nothing stays open', async () => {
  const open = () => linux.fs.readdir('/proc/self/fd');
  const before = (await open()).length;
  const reader = linux.fs.createReadStream('/dev/zero', { chunkSize: 10 }).getReader();
  await reader.read();
  await reader.cancel();
  await linux.fs.readFile('/etc').catch(() => {});
  await linux.fs.cp('/etc', '/tmp/etc-copy', { recursive: true });
  await linux.fs.rm('/tmp/etc-copy', { recursive: true });
  assert.equal((await open()).length, before);
});

test('an abort ends what waits, and what is long', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  await linux.run('mkfifo /tmp/nobody');
  const waiting = linux.fs.readFile('/tmp/nobody', { signal: controller.signal });
  const endless = linux.fs.readFile('/dev/zero', { signal: controller.signal });
  await linux.fs.stat('/');
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  await assert.rejects(endless, reason);
});

test('watch tells what changes in a folder', async () => {
  await linux.fs.mkdir('/tmp/watched/inner', { recursive: true });
  const controller = new AbortController();
  const { signal } = controller;
  const watch = linux.fs.watch('/tmp/watched', { recursive: true, signal });
  const seen: string[] = [];
  const told = (async () => {
    for await (const { eventType, filename } of watch) {
      seen.push(`${eventType} ${filename}`);
      if (filename === 'new/last') return;
    }
  })();
  await linux.fs.stat('/');
  await linux.run('cd /tmp/watched; echo x > file; echo y >> inner/deep; mkdir new; rm file');
  await linux.run('cd /tmp/watched; until [ -d new ]; do :; done; echo > new/last');
  await told;
  assert.ok(seen.includes('rename file') && seen.includes('change file'), seen.join());
  assert.ok(seen.includes('rename inner/deep') && seen.includes('rename new'), seen.join());
  const again = linux.fs.watch('/tmp', { signal });
  const next = again.next();
  controller.abort(new Error('enough'));
  await assert.rejects(next, /enough/);
  await assert.rejects(linux.fs.watch('/none').next(), { code: 'ENOENT' });
});

test('many calls at a time', async () => {
  await Promise.all(Array.from({ length: 500 }, (_, i) => linux.fs.writeFile(`/tmp/many-${i}`, String(i))));
  const texts = await Promise.all(Array.from({ length: 500 }, (_, i) => linux.fs.readFile(`/tmp/many-${i}`, 'utf8')));
  assert.deepEqual(
    texts,
    Array.from({ length: 500 }, (_, i) => String(i)),
  );
});
