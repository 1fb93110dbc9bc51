// SPDX-License-Identifier: MIT
/** Linux.fs: that it does what node:fs/promises does, on the guest's files. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Linux } from '../../src/index.ts';

let linux: Linux;
before(async () => {
  linux = await Linux.boot();
});
after(() => linux.terminate());

const folder = (): Promise<string> => linux.fs.mkdtemp('/tmp/files-');
const shell = async (line: string): Promise<string> => (await linux.run(line)).stdout;

test('contents: written, read, appended, cut, of any size', async () => {
  const { fs } = linux;
  const path = `${await folder()}/file`;
  await fs.writeFile(path, 'grüß\n');
  assert.equal(await fs.readFile(path, 'utf8'), 'grüß\n');
  assert.equal(await shell(`cat ${path}`), 'grüß\n');
  await fs.appendFile(path, new Uint8Array([33]));
  assert.equal(await fs.readFile(path, { encoding: 'utf8' }), 'grüß\n!');
  await fs.truncate(path, 2);
  assert.deepEqual([...(await fs.readFile(path))], [103, 114]);
  const large = new Uint8Array(3_000_001).map((_, index) => index % 251);
  await fs.writeFile(path, large);
  assert.ok(Buffer.from(await fs.readFile(path)).equals(large));
  await fs.writeFile(
    path,
    (async function* () {
      yield 'part ';
      yield new TextEncoder().encode('by part');
    })(),
  );
  assert.equal(await fs.readFile(path, 'utf8'), 'part by part');
  await fs.writeFile(path, '');
  assert.equal((await fs.readFile(path)).length, 0);
  assert.match(await fs.readFile('/proc/version', 'utf8'), /^Linux version 6\.12/);
  await assert.rejects(fs.writeFile(path, 'x', { flag: 'wx' }), { code: 'EEXIST' });
});

test('errors have code, errno, syscall and path', async () => {
  const { fs } = linux;
  await assert.rejects(fs.readFile('/none'), {
    name: 'LinuxError',
    code: 'ENOENT',
    errno: 2,
    syscall: 'open',
    path: '/none',
  });
  await assert.rejects(fs.readFile('/etc'), { code: 'EISDIR' });
  await assert.rejects(fs.readdir('/etc/passwd'), { code: 'ENOTDIR' });
  await assert.rejects(fs.stat('/none'), { code: 'ENOENT', syscall: 'stat' });
  await assert.rejects(fs.rmdir('/etc'), { code: 'ENOTEMPTY' });
  await assert.rejects(fs.open('/etc/passwd', 'z' as 'r'), /no flag "z"/);
  await assert.rejects(fs.readFile('/a\0b'), /NUL/);
});

test('status and attributes', async () => {
  const { fs } = linux;
  const path = `${await folder()}/file`;
  await fs.writeFile(path, 'x', { mode: 0o600 });
  await fs.chmod(path, 0o640);
  await fs.chown(path, 1000, 1001);
  await fs.utimes(path, new Date(1_000_000), 2_000.5);
  const stats = await fs.stat(path);
  assert.deepEqual(
    [stats.mode & 0o7777, stats.uid, stats.gid, stats.size, stats.nlink, stats.isFile(), stats.isDirectory()],
    [0o640, 1000, 1001, 1, 1, true, false],
  );
  assert.deepEqual([stats.atime.getTime(), stats.mtimeMs], [1_000_000, 2_000_500]);
  assert.equal((await shell(`stat -c '%a %u %g %X %Y' ${path}`)).trim(), '640 1000 1001 1000 2000');
  await fs.symlink('file', `${path}.link`);
  assert.ok((await fs.lstat(`${path}.link`)).isSymbolicLink());
  assert.ok((await fs.stat(`${path}.link`)).isFile());
  assert.equal(await fs.readlink(`${path}.link`), 'file');
  assert.equal(await fs.realpath(`${path}.link`), path);
  await fs.lchown(`${path}.link`, 7, 8);
  assert.equal((await fs.lstat(`${path}.link`)).uid, 7);
  await fs.access(path, fs.constants.R_OK);
  await assert.rejects(fs.access(path, fs.constants.X_OK), { code: 'EACCES' });
  assert.ok((await fs.stat('/dev/null')).isCharacterDevice());
  assert.equal((await fs.stat('/dev/null')).rdev, 0x103);
  assert.ok((await fs.statfs('/tmp')).bsize > 0);
});

test('folders and names', async () => {
  const { fs } = linux;
  const top = await folder();
  assert.equal(await fs.mkdir(`${top}/a/b/c`, { recursive: true }), `${top}/a`);
  assert.equal(await fs.mkdir(`${top}/a/b/c`, { recursive: true }), undefined);
  await assert.rejects(fs.mkdir(`${top}/a`), { code: 'EEXIST' });
  await fs.writeFile(`${top}/a/b/one`, '1');
  await fs.link(`${top}/a/b/one`, `${top}/a/two`);
  await fs.rename(`${top}/a/two`, `${top}/three`);
  assert.deepEqual((await fs.readdir(top)).sort(), ['a', 'three']);
  assert.deepEqual((await fs.readdir(top, { recursive: true })).sort(), ['a', 'a/b', 'a/b/c', 'a/b/one', 'three']);
  const typed = await fs.readdir(`${top}/a/b`, { withFileTypes: true });
  assert.deepEqual(typed.map((entry) => [entry.name, entry.isDirectory(), entry.parentPath]).sort(), [
    ['c', true, `${top}/a/b`],
    ['one', false, `${top}/a/b`],
  ]);
  await fs.symlink('one', `${top}/a/b/link`);
  await fs.cp(top, `${top}-copy`, { recursive: true });
  assert.equal(
    await shell(`cd ${top}-copy && find . | sort`),
    './\n'.replace('/', '') +
      ['a', 'a/b', 'a/b/c', 'a/b/link', 'a/b/one', 'three'].map((name) => `./${name}\n`).join(''),
  );
  assert.equal(await fs.readlink(`${top}-copy/a/b/link`), 'one');
  await assert.rejects(fs.cp(top, `${top}/inside`, { recursive: true }), { code: 'EINVAL' });
  await fs.copyFile(`${top}/three`, `${top}/four`);
  await assert.rejects(fs.copyFile(`${top}/three`, `${top}/four`, fs.constants.COPYFILE_EXCL), { code: 'EEXIST' });
  await assert.rejects(fs.rm(top), { code: 'EISDIR' });
  await fs.rm(top, { recursive: true });
  await assert.rejects(fs.stat(top), { code: 'ENOENT' });
  await fs.rm(top, { force: true });
  await assert.rejects(fs.rm(top), { code: 'ENOENT' });
  const names = Array.from({ length: 3000 }, (_, index) => `entry-${index}`);
  const many = await folder();
  await shell(`cd ${many}; for i in $(seq 0 2999); do : > entry-$i; done`);
  assert.deepEqual((await fs.readdir(many)).sort(), names.sort());
});

test('open files: at positions, streams, limits', async () => {
  const { fs } = linux;
  const path = `${await folder()}/file`;
  {
    await using file = await fs.open(path, 'w+');
    await file.write('0123456789');
    await file.write('AB', 3);
    assert.equal(new TextDecoder().decode((await file.read(new Uint8Array(4), 0, 4, 2)).buffer), '2AB5');
    assert.equal((await file.read(new Uint8Array(100), 0, 100, 8)).bytesRead, 2);
    await file.truncate(5);
    await file.chmod(0o611);
    await file.sync();
    await file.datasync();
    const { size, mode } = await file.stat();
    assert.deepEqual([size, mode & 0o777], [5, 0o611]);
  }
  const bytes = new Uint8Array(2_500_000).fill(7);
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  await source.pipeTo(fs.createWriteStream(path));
  let length = 0;
  for await (const part of fs.createReadStream(path)) length += part.length;
  assert.equal(length, bytes.length);
  await fs.createReadStream(path).cancel();
  await assert.rejects(fs.createReadStream('/none').getReader().read(), { code: 'ENOENT' });
  const before = await fs.readdir('/proc/1/task');
  assert.ok(before.length > 0);
});

test('a watch tells what happens in a folder, until the folder goes', async () => {
  const { fs } = linux;
  const top = await folder();
  const seen: string[] = [];
  const touching = (async () => {
    while (seen.length === 0) await fs.writeFile(`${top}/new`, '');
    await fs.rm(top, { recursive: true });
  })();
  for await (const { eventType, filename } of fs.watch(top)) seen.push(`${eventType} ${filename}`);
  await touching;
  assert.ok(seen.includes('rename new') || seen.includes('change new'), seen.join());
  assert.equal(seen.at(-1), `rename ${top.slice('/tmp/'.length)}`);
});

test('a watch is stopped by its signal', async () => {
  const { fs } = linux;
  const controller = new AbortController();
  const watching = (async () => {
    for await (const { filename } of fs.watch('/tmp', { signal: controller.signal })) {
      if (filename === 'seen') controller.abort(new Error('seen'));
    }
  })();
  const touching = (async () => {
    while (!controller.signal.aborted) await fs.writeFile('/tmp/seen', '');
  })();
  await assert.rejects(watching, /seen/);
  await touching;
});
