// SPDX-License-Identifier: MIT
/**
 * That src/host/node and what the command needs of the host run where there is no POSIX: src/host/node has no such call in it,
 * and machines run with a Node that has only what it has on Windows (harness/like-windows.ts).
 */
import assert from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from '../src/build/root.ts';
import { bash } from './harness/command.ts';
import { Pty } from './harness/pty.ts';

/** What does not exist, or means nothing, on Windows; and what goes wrong there with paths. */
const NOT_PORTABLE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a path of POSIX systems', /(['"`])\/(proc|dev|bin|sys|etc|usr|tmp|var)\b/],
  ['programs of the system', /node:child_process/],
  ["a signal's or error's number of the host", /constants\.(signals|errno)|\berrno\b/],
  ['flags of open(2) that Windows lacks', /O_(NONBLOCK|NOFOLLOW|DIRECTORY|SYNC|NOCTTY)/],
  ['users and groups', /process\.(get|set)(e?[ug]id|groups)|process\.umask/],
  ['a signal sent to a process', /process\.kill\(/],
  ['a URL taken for a path', /\.pathname\b/],
  ['a separator of paths', /split\((['"`])[/\\:]\1\)/],
  ['sockets by path', /\.sock\b/],
];

/** The parts of the program that take something of Node, but for the command's. */
const OF_NODE = ['src/host/node/*.ts', 'src/installation/*.ts', 'src/library/node-*.ts', 'src/index.ts'];

test('what takes something of Node has no POSIX-only call', () => {
  const files = globSync(OF_NODE, { cwd: root });
  assert.ok(files.length >= 10);
  const others = globSync('src/{library,task}/*.ts', { cwd: root }).filter((file) => !/\/node-|\.test\./.test(file));
  assert.deepEqual(
    others.filter((file) => readFileSync(join(root, file), 'utf8').includes("from 'node:")),
    [],
  );
  for (const file of files) {
    const lines = readFileSync(join(root, file), 'utf8').split('\n');
    for (const [what, pattern] of NOT_PORTABLE) {
      assert.deepEqual(
        lines.filter((line) => pattern.test(line)),
        [],
        `${file}: ${what}; src/host/posix is the place`,
      );
    }
    // Whoever uses src/host/posix must know when not to.
    const source = lines.join('\n');
    if (source.includes('../posix/')) assert.match(source, /isPosix = process\.platform !== 'win32'/, file);
  }
});

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-windows-'));
after(() => rmSync(folder, { recursive: true }));

/** The command, as on Windows; for a shell. */
const COMMAND = `${process.execPath} --no-concurrent-sparkplug --import=${root}/tests/harness/like-windows.ts ${root}/src/cli/launch.ts`;
const command = (script: string, ...args: string[]) => bash(script.replaceAll('wasmlinux', COMMAND), ...args);

test('as on Windows: pipes, files, status and the two outputs', async () => {
  const script = "seq 3 | wasmlinux run sh -c 'cat; echo to stderr >&2; exit 3'";
  assert.deepEqual(await command(script), { status: 3, stdout: '1\n2\n3\n', stderr: 'to stderr\n' });
  const file = join(folder, 'file');
  writeFileSync(file, 'of a file\n');
  assert.equal((await command('wasmlinux run cat <"$1"', file)).stdout, 'of a file\n');
});

test('as on Windows: a reader that has gone is EPIPE in the guest', async () => {
  const script = `wasmlinux run sh -c 'trap "" PIPE; yes; echo $? >&2' | head -1`;
  assert.deepEqual(await command(script), { status: 0, stdout: 'y\n', stderr: 'yes: : Broken pipe\n1\n' });
});

test('as on Windows: a folder is a root, whose programs may be executed', async () => {
  const programs = join(folder, 'root/bin');
  mkdirSync(programs, { recursive: true });
  await command('wasmlinux run cat /bin/busybox >"$1/sh"', programs);
  const { stdout, stderr } = await command(`wasmlinux run --root "$1" sh -c 'echo /bin/*'`, join(folder, 'root'));
  assert.equal(stdout, '/bin/sh\n', stderr);
});

test('as on Windows: a signal that it has is passed on', async () => {
  const script = `exec wasmlinux run sh -c 'trap "exit 5" INT; echo; sleep 1000 & wait' > >(read -r line; kill -INT $$)`;
  assert.deepEqual(await command(script), { status: 5, stdout: '', stderr: '' });
});

test('as on Windows: the library', async () => {
  const program = join(folder, 'program.ts');
  writeFileSync(
    program,
    `import { Linux } from ${JSON.stringify(pathToFileURL(join(root, 'src/index.ts')))};
    await using linux = await Linux.boot();
    await linux.fs.writeFile('/tmp/numbers', '3\\n1\\n2\\n');
    console.log((await linux.run('sort /tmp/numbers; exec 2>&1; cat /absent; kill -KILL $$')).stdout.trim());`,
  );
  const line = '"$1" --import="$2/tests/harness/like-windows.ts" "$3"';
  assert.deepEqual(await bash(line, process.execPath, root, program), {
    status: 0,
    stdout: "1\n2\n3\ncat: can't open '/absent': No such file or directory\n",
    stderr: '',
  });
});

test('as on Windows: the console has keys, size and Ctrl-C, and is given back', async () => {
  const line = `trap "echo interrupted; exit 4" INT; stty size; read -r x; echo "read $x"; read -r x`;
  await using pty = await Pty.start(`${COMMAND} run sh -c '${line}'; echo status=$?; stty -a`, {
    columns: 90,
    rows: 25,
  });
  await pty.waitFor('25 90');
  pty.type('line\n');
  await pty.waitFor('read line');
  pty.type('\x03');
  await pty.waitFor('interrupted');
  await pty.waitFor('status=4');
  await pty.waitFor(/ icanon /);
});
