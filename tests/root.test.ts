// SPDX-License-Identifier: MIT
/**
 * `wasmlinux --root`: a folder or an image of this machine as the guest's root. The roots are made here from the built busybox.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { blockDevice, characterDevice, cpioArchive, directory, file, symbolicLink } from '../src/image/cpio.ts';
import { bash } from './harness/command.ts';
import { builtFile } from './harness/guest.ts';
import { Pty } from './harness/pty.ts';

const APPLETS = ['cat', 'df', 'id', 'init', 'ls', 'mount', 'poweroff', 'sh', 'sha256sum', 'sleep', 'stat', 'true'];
const PASSWD = 'root:x:0:0::/:/bin/sh\nguest:x:7:8::/home:/bin/none\n';

let folder = '';
let root = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmlinux-'));
  root = makeRoot('root');
});
after(() => rmSync(folder, { recursive: true }));

/** A folder with busybox and a file to be recognised by; nothing else. */
function makeRoot(name: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, 'bin'), { recursive: true });
  mkdirSync(join(path, 'etc'));
  mkdirSync(join(path, 'home'));
  copyFileSync(builtFile('busybox', 'busybox.wasm'), join(path, 'bin/busybox'));
  chmodSync(join(path, 'bin/busybox'), 0o755);
  for (const applet of APPLETS) symlinkSync('busybox', join(path, 'bin', applet));
  writeFileSync(join(path, 'etc/passwd'), PASSWD);
  writeFileSync(join(path, 'etc/name'), 'the root of the test\n', { mode: 0o640 });
  return path;
}

/** All that every root is to have: its own files, writable, and the usual file systems around them. */
const CHECK = `
  cat /etc/name
  stat -c '%a %F' /etc/name /bin/sh /tmp
  echo new >/etc/new && cat /etc/new
  ls -d /proc/1 /sys/kernel /dev/null /dev/pts/ptmx /dev/fd /dev/shm
  test -e /init || test -e /run/host || echo nothing of ours
  exit 7`;
const CHECKED = `the root of the test
640 regular file
777 symbolic link
1777 directory
new
/dev/fd
/dev/null
/dev/pts/ptmx
/dev/shm
/proc/1
/sys/kernel
nothing of ours
`;

const check = async (path: string): Promise<void> => {
  const result = await bash('./wasmlinux run --root "$1" sh -c "$2"', path, CHECK);
  assert.deepEqual({ path, ...result }, { path, status: 7, stdout: CHECKED, stderr: '' });
};

test('a folder', async () => {
  await check(root);
  // It was a copy.
  assert.equal((await bash('ls "$1"/etc', root)).stdout, 'name\npasswd\n');
});

test('an archive of tar, plain or compressed', async () => {
  const archive = execFileSync('tar', ['-C', root, '-cf', '-', '.'], { maxBuffer: 2 ** 26 });
  for (const [name, contents] of [
    ['root.tar', archive],
    ['root.tar.zst', zstdCompressSync(archive)],
  ] as const) {
    writeFileSync(join(folder, name), contents);
    await check(join(folder, name));
  }
});

test('an image of ext2, ext4', async () => {
  for (const type of ['ext2', 'ext4']) {
    const image = join(folder, `root.${type}`);
    execFileSync('/sbin/mke2fs', ['-q', '-t', type, '-d', root, image, '16M'], { stdio: 'ignore' });
    await check(image);
  }
});

test('an image that can only be read is writable all the same', async () => {
  const squashfs = join(folder, 'root.squashfs');
  execFileSync('/usr/bin/mksquashfs', [root, squashfs, '-comp', 'zstd', '-quiet', '-no-progress'], { stdio: 'ignore' });
  const erofs = join(folder, 'root.erofs');
  execFileSync('/usr/bin/mkfs.erofs', [erofs, root], { stdio: 'ignore' });
  for (const image of [squashfs, erofs]) {
    await check(image);
    const { status, stdout } = await bash(
      './wasmlinux run --root "$1" sh -c "echo new >/etc/new; cat /etc/new"',
      image,
    );
    assert.deepEqual([status, stdout], [0, 'new\n'], image);
  }
});

test('a compressed archive of cpio, with devices, owners and modes that only root could make here', async () => {
  const image = join(folder, 'root.cpio.gz');
  const busybox = builtFile('busybox', 'busybox.wasm');
  const entries = [
    directory('bin', 0o711),
    file('bin/busybox', readFileSync(busybox), 0o4755),
    ...APPLETS.map((applet) => symbolicLink(`bin/${applet}`, 'busybox')),
    file('owned', new Uint8Array(3), 0o604, { uid: 12, gid: 3_000_000 }),
    characterDevice('zero', 0o666, 1, 5),
    blockDevice('loop', 0o600, 7, 300),
  ];
  writeFileSync(image, gzipSync(cpioArchive(entries)));
  const script = `stat -c '%a %u:%g %t,%T %F' /bin /bin/busybox /owned /zero /loop; stat -c %s /bin/busybox`;
  assert.deepEqual(await bash('./wasmlinux run --root "$1" sh -c "$2"', image, script), {
    status: 0,
    stdout: [
      '711 0:0 0,0 directory',
      '4755 0:0 0,0 regular file',
      '604 12:3000000 0,0 regular file',
      '666 0:0 1,5 character special file',
      '600 0:0 7,12c block special file',
      String(statSync(busybox).size),
      '',
    ].join('\n'),
    stderr: '',
  });
});

test('a root that takes most of the memory arrives whole', async () => {
  const large = makeRoot('large');
  const data = Buffer.alloc(54 * 2 ** 20, 'data');
  writeFileSync(join(large, 'data'), data);
  const hash = createHash('sha256').update(data).digest('hex');
  assert.deepEqual(await bash('./wasmlinux run --memory 160M --root "$1" sha256sum /data', large), {
    status: 0,
    stdout: `${hash}  /data\n`,
    stderr: '',
  });
  const { status, stderr } = await bash('./wasmlinux run --memory 96M --root "$1" true', large);
  assert.equal(status, 2);
  assert.match(stderr, /^wasmlinux: --root [^\n]+ it takes --memory [0-9]+M\n$/);
});

test('users, folders and programs are those of the root', async () => {
  const run = (...args: string[]) => bash('./wasmlinux run --root "$@"', root, ...args);
  assert.deepEqual(await run('--user', 'guest', 'sh', '-c', 'id -u; id -g; pwd; echo $SHELL'), {
    status: 0,
    stdout: '7\n8\n/home\n/bin/sh\n',
    stderr: '',
  });
  const unknown = await run('--user', 'user', 'true');
  assert.deepEqual([unknown.status, unknown.stdout], [2, '']);
  assert.match(unknown.stderr, /^wasmlinux: there is no user user .*\n$/);
  assert.deepEqual(await run('awk'), { status: 127, stdout: '', stderr: 'wasmlinux: awk: not found\n' });
  // A program of this machine needs nothing of the root.
  const hello = builtFile('guestTests', 'seed/hello-fd-plain.wasm');
  assert.deepEqual(await run(hello), { status: 0, stdout: 'hello, world!\n', stderr: '' });
});

test('orphans are waited for, and poweroff ends the machine', async () => {
  const run = (script: string) => bash('./wasmlinux run --root "$1" sh -c "$2"', root, script);
  const orphans = await run(
    'pid=$(sleep 0 >/dev/null & echo $!); while test -e /proc/$pid; do sleep 0; done; echo end',
  );
  assert.deepEqual(orphans, { status: 0, stdout: 'end\n', stderr: '' });
  assert.deepEqual(await run('echo before; poweroff; sleep 1000'), { status: 0, stdout: 'before\n', stderr: '' });
});

test('a shell: the root has no init', async () => {
  await using pty = await Pty.start(`./wasmlinux --root ${root} --env A=b`);
  await pty.waitFor('# ');
  pty.type('echo $A $0 $$; exit 5\n');
  await pty.waitFor(/\r\nb -sh [0-9]+\r\n/);
  assert.equal(await pty.ended, 5);
});

test('a shell: the root has an init, which is process 1', async () => {
  const own = makeRoot('with-init');
  mkdirSync(join(own, 'sbin'));
  symlinkSync('../bin/busybox', join(own, 'sbin/init'));
  writeFileSync(join(own, 'etc/inittab'), "::sysinit:/bin/sh -c 'echo init is $PPID'\n::once:-/bin/sh\n");
  await using pty = await Pty.start(`./wasmlinux --root ${own}`);
  await pty.waitFor('init is 1\r\n');
  await pty.waitFor('# ');
  pty.type('poweroff\n');
  assert.equal(await pty.ended, 0);
  // With a folder or a user it is not init's to say where and who.
  await using shell = await Pty.start(`./wasmlinux --root ${own} --cwd /etc`);
  await shell.waitFor('/etc # ');
  assert.doesNotMatch(shell.shown, /init is/);
});

test('our own root is a root like others', async () => {
  const image = builtFile('image', 'initramfs.cpio');
  const { status, stdout } = await bash('./wasmlinux run --root "$1" sh -c "hostname; df /proc | wc -l"', image);
  assert.deepEqual([status, stdout], [0, 'wasmlinux\n2\n']);
  await using pty = await Pty.start(`./wasmlinux --root ${image}`);
  await pty.waitFor('root@wasmlinux');
  pty.type('exit 3\n');
  assert.equal(await pty.ended, 3);
});

test('an archive may come through a pipe, which is read no further than the machine has room', async () => {
  const tar = `tar -C "$1" -c .`;
  assert.deepEqual(await bash(`./wasmlinux run --root <(${tar}) cat /etc/name`, root), {
    status: 0,
    stdout: readFileSync(join(root, 'etc/name'), 'utf8'),
    stderr: '',
  });
  const endless = await bash('./wasmlinux run --root <(yes) true');
  assert.equal(endless.status, 2);
  assert.match(endless.stderr, /^wasmlinux: --root .*: it has more than 256M, the memory of the machine\n$/);
});

test('an image that can not be mounted is one line and status 2', async () => {
  const image = join(folder, 'damaged.squashfs');
  writeFileSync(image, Buffer.concat([Buffer.from('hsqs'), Buffer.alloc(8188)]));
  assert.deepEqual(await bash('./wasmlinux run --root "$1" true', image), {
    status: 2,
    stdout: '',
    stderr: "wasmlinux: the root can't be mounted as squashfs: Invalid argument\n",
  });
});
