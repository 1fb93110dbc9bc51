// SPDX-License-Identifier: MIT
/** The library in Node: machines, commands, streams, tasks, their ends. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Linux, LinuxError } from '../../src/index.ts';

let linux: Linux;
before(async () => {
  linux = await Linux.boot({
    env: { WHO: 'machine' },
    files: { '/srv/hello': 'hello\n', '/srv/bin/tool': { data: '#!/bin/sh\necho tool\n', mode: 0o755 } },
  });
});
after(() => linux.terminate());

const text = async (stream: ReadableStream<Uint8Array> | undefined): Promise<string> => new Response(stream).text();

test('run: a line or arguments, input, both outputs, the exit code', async () => {
  const { exitCode, signal, stdout, stderr } = await linux.run('cat; echo no >&2; exit 3', { stdin: 'yes\n' });
  assert.deepEqual(
    { exitCode, signal, stdout, stderr },
    { exitCode: 3, signal: null, stdout: 'yes\n', stderr: 'no\n' },
  );
  assert.equal((await linux.run(['echo', '$HOME', 'a  b'])).stdout, '$HOME a  b\n');
  assert.equal((await linux.run('kill -KILL $$')).signal, 'SIGKILL');
  assert.equal((await linux.run('tr -d A', { stdin: 'A'.repeat(300_000) })).stdout, '');
});

test('run: folder, environment, user; files that were given', async () => {
  const options = { cwd: '/srv', env: { MORE: 'more', LANG: undefined }, uid: 1000 };
  const { stdout } = await linux.run(
    'pwd; echo $WHO $MORE $(printenv LANG || echo none); id -u; id -g; cat hello; bin/tool',
    options,
  );
  assert.equal(stdout, '/srv\nmachine more none\n1000\n1000\nhello\ntool\n');
});

test('what can not be started is a LinuxError; what is no request, an error that says what to do', async () => {
  await assert.rejects(linux.run(['nothing-like-this']), (error: unknown) => {
    assert.ok(error instanceof LinuxError);
    const { code, errno, syscall, path } = error;
    assert.deepEqual(
      { code, errno, syscall, path },
      { code: 'ENOENT', errno: 2, syscall: 'execve', path: 'nothing-like-this' },
    );
    return true;
  });
  await assert.rejects(linux.run('true', { cwd: '/nowhere' }), { code: 'ENOENT', syscall: 'chdir', path: '/nowhere' });
  await assert.rejects(linux.run([]), /command is empty/);
  await assert.rejects(linux.run('true', { env: { 'A=B': 'x' } }), /not the name of an environment variable/);
  await assert.rejects(linux.run('true', { timeout: Number.NaN }), RangeError);
  await assert.rejects(linux.run(['echo', 'a\0b']), /has a NUL/);
  await assert.rejects(Linux.boot({ memory: 1 << 20 }), /memory: 1048576 bytes; a machine has from/);
  await assert.rejects(Linux.boot({ image: new TextEncoder().encode('nothing') }), /neither a folder nor an image/);
  await assert.rejects(Linux.boot({ files: { 'a/b': '' } }), /not an absolute path/);
});

test('limits: time, memory, processes, output', async () => {
  const late = await linux.run('sleep 1000 & sleep 1000', { timeout: 20 });
  assert.deepEqual([late.signal, late.timedOut], ['SIGTERM', true]);
  const hog = await linux.run('x=x; while :; do x=$x$x; done', { limits: { memory: 8 << 20 } });
  assert.equal(hog.signal, 'SIGKILL');
  const fork = await linux.run('sleep 1000 >/dev/null 2>&1 & sleep 1000', { limits: { processes: 2 } });
  assert.match(fork.stderr, /fork/i);
  const yes = await linux.run('yes', { limits: { output: 12_345 } });
  assert.deepEqual([yes.truncated, yes.output.stdout.length], [true, 12_345]);
});

test('an abort ends a run at once, also one that computes', async () => {
  const controller = new AbortController();
  const run = linux.run('echo >/tmp/runs; while :; do :; done', { signal: controller.signal });
  await linux.run('until [ -e /tmp/runs ]; do :; done');
  const reason = new Error('enough');
  controller.abort(reason);
  await assert.rejects(run, reason);
  await assert.rejects(linux.run('true', { signal: controller.signal }), reason);
});

test('spawn: streams, the end, signals', async () => {
  const cat = await linux.spawn(['cat']);
  const writer = cat.stdin?.getWriter();
  await writer?.write('one ');
  await writer?.write(new TextEncoder().encode('two'));
  await writer?.close();
  assert.equal(await text(cat.stdout), 'one two');
  assert.deepEqual(await cat.exited, { exitCode: 0, signal: null });
  const sleep = await linux.spawn('trap "echo caught; exit 9" INT; echo ready; while :; do sleep 1000; done');
  const output = sleep.stdout?.getReader();
  await output?.read();
  await sleep.kill('SIGINT');
  assert.equal((await sleep.exited).exitCode, 9);
  await sleep.kill();
  await assert.rejects(sleep.kill('SIGNOTHING'), /there is no signal/);
});

test('a program whose output nobody takes waits, and does not fill memory', async () => {
  const yes = await linux.spawn(['yes']);
  const reader = yes.stdout?.getReader();
  await reader?.read();
  // In the pipe's wait: it has filled 64 KiB and nothing has taken more.
  const { stdout } = await linux.run(
    `until grep -q pipe_write /proc/${yes.pid}/wchan; do :; done; cat /proc/${yes.pid}/io 2>/dev/null | grep wchar`,
  );
  const written = Number(/wchar: (\d+)/.exec(stdout)?.[1] ?? 0);
  assert.ok(written <= 5 * 65536, stdout);
  await reader?.cancel();
  assert.equal((await yes.exited).signal, 'SIGPIPE');
});

test('a terminal: its size, its keys, Ctrl-C', async () => {
  const shell = await linux.terminal({ command: ['sh'], tty: { cols: 91, rows: 17 } });
  const seen: string[] = [];
  const waiting: { pattern: RegExp; resolve: () => void }[] = [];
  const decoder = new TextDecoder();
  void shell.onData((data) => {
    seen.push(decoder.decode(data, { stream: true }));
    for (const { pattern, resolve } of waiting) if (pattern.test(seen.join(''))) resolve();
  });
  const shows = (pattern: RegExp): Promise<void> =>
    new Promise((resolve) => (pattern.test(seen.join('')) ? resolve() : waiting.push({ pattern, resolve })));
  shell.write('stty size\r');
  await shows(/17 91/);
  await shell.resize({ cols: 40, rows: 10 });
  shell.write('stty size; echo wait; sleep 1000\r');
  await shows(/10 40\s+wait\s/);
  shell.write('\x03');
  shell.write('echo still $?\r');
  await shows(/still 130/);
  shell.write('exit 7\r');
  assert.equal((await shell.exited).exitCode, 7);
});

test('a task is a process of its own, with system calls', async () => {
  const [pid, parent, contents] = await linux.task(async (sys) => {
    const folder = await sys.call('mkdirat', -100, '/tmp/made', 0o700);
    assert.equal(folder.result, 0);
    await sys.chdir('/tmp/made');
    const file = await sys.open('note', 'w');
    await sys.write(file, 'by a task');
    await sys.close(file);
    const again = await sys.open('/tmp/made/note');
    const [reading, writing] = await sys.pipe();
    await sys.write(writing, 'x');
    assert.deepEqual([...(await sys.read(reading))], [120]);
    await sys.sleep(1);
    return [
      await sys.getpid(),
      (await sys.call('getppid')).result,
      new TextDecoder().decode(await sys.read(again)),
    ] as const;
  });
  assert.notEqual(pid, parent);
  assert.equal(contents, 'by a task');
  assert.equal((await linux.run(`ls -d /proc/${pid}`)).exitCode, 1);
  await assert.rejects(
    linux.task((sys) => sys.open('/nowhere')),
    { code: 'ENOENT', syscall: 'openat', path: '/nowhere' },
  );
  await assert.rejects(
    linux.task((sys) => sys.call('no_such_call')),
    /there is no system call "no_such_call"/,
  );
  const controller = new AbortController();
  const sleeping = linux.task(
    async (sys) => {
      queueMicrotask(() => controller.abort(new Error('awake')));
      await sys.sleep(1e6);
    },
    { signal: controller.signal },
  );
  await assert.rejects(sleeping, /awake/);
});

test('machines are apart, also one on this thread; each ends in its own way', async () => {
  await using other = await Linux.boot({ thread: 'same', memory: 64 << 20 });
  await other.run('echo other > /tmp/mark');
  assert.equal((await linux.run('cat /tmp/mark')).exitCode, 1);
  assert.equal((await other.run('cat /tmp/mark')).stdout, 'other\n');
  const sleeping = other.run('sleep 1000');
  assert.equal((await other.shutdown()).how, 'PowerOff');
  await assert.rejects(sleeping, { name: 'MachineEnded' });
  await assert.rejects(other.run('true'), { name: 'MachineEnded' });
  await other.terminate();
  const busy = await Linux.boot();
  const computing = busy.run('while :; do :; done');
  await busy.terminate();
  await assert.rejects(computing, { name: 'MachineEnded' });
  assert.deepEqual(await busy.ended, { how: 'Terminated', status: 143 });
  const crash = busy.crashed.then(() => 'crashed');
  await new Promise(setImmediate);
  assert.equal(await Promise.race([crash, 'not crashed']), 'not crashed');
});

test('a crash is told with its reason', async () => {
  const dying = await Linux.boot();
  const run = dying.run('echo c > /proc/sysrq-trigger');
  assert.match(await dying.crashed, /sysrq triggered crash/i);
  await assert.rejects(run, { name: 'MachineEnded' });
});

test('an abort of boot ends the machine', async () => {
  const controller = new AbortController();
  const booting = Linux.boot({ signal: controller.signal });
  controller.abort(new Error('never mind'));
  await assert.rejects(booting, /never mind/);
});
