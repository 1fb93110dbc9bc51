// SPDX-License-Identifier: MIT
/** Host tasks on the real kernel: calls, cancellation, children that become programs, processes of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferWriter } from '../src/task/arguments.ts';
import { type HostTask, isError } from '../src/task/host-task.ts';
import type { LinuxError } from '../src/task/linux-error.ts';
import { type RunRequest, run } from '../src/task/run.ts';
import { spawn } from '../src/task/spawn.ts';
import { Streams } from '../src/task/streams.ts';
import { Syscall } from '../src/task/syscall-numbers.ts';
import type { TaskPool } from '../src/task/task-pool.ts';
import { syscalls } from '../src/trace/syscalls.ts';
import { bootServing } from './harness/serving-machine.ts';

const numbers = new Map(syscalls.map(({ name, nr }) => [name, nr]));
const EINTR = 4;
const env = { PATH: '/bin:/usr/bin' };

/** A system call by name. */
function call(task: HostTask, name: string, ...args: number[]): Promise<number> {
  const number = numbers.get(name);
  assert.ok(number !== undefined, name);
  return task.call(number, ...args);
}

/** All that comes out of a descriptor of the pool's; the end of a terminal is EIO. */
async function drain(pool: TaskPool, fd: number | undefined): Promise<string> {
  const streams = new Streams(pool);
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const bytes = await streams.read(fd ?? -1).catch((error: LinuxError) => {
      if (error.code !== 'EIO') throw error;
      return new Uint8Array();
    });
    if (bytes.length === 0) return text;
    text += decoder.decode(bytes, { stream: true });
  }
}

test('a task makes system calls, and its threads are one process', async (t) => {
  const { pool } = await bootServing(t);
  const [first, second] = await Promise.all([
    pool.use((task) => call(task, 'getpid')),
    pool.use((task) => call(task, 'getpid')),
  ]);
  assert.ok(first > 1);
  assert.equal(first, second);
  assert.equal(await pool.use((task) => call(task, 'close', 12345)), -9);
});

test('a call that sleeps is cancelled by a signal, and the task goes on', async (t) => {
  const { pool } = await bootServing(t);
  const reason = new Error('enough');
  const controller = new AbortController();
  const asleep = pool.use(async (task) => {
    const address = new BufferWriter(task).reserve(8);
    assert.equal(await task.call(Syscall.pipe2, address, 0), 0);
    const reading = new DataView(task.bytes.buffer).getInt32(address, true);
    queueMicrotask(() => controller.abort(reason));
    const result = await task.call(Syscall.read, reading, task.buffer, 1);
    assert.equal(result, -EINTR);
    throw new Error('cancelled');
  }, controller.signal);
  await assert.rejects(asleep, reason);
  assert.ok((await pool.use((task) => call(task, 'gettid'))) > 1);
});

test('a child becomes a program; its output, and how it ended', async (t) => {
  const { pool } = await bootServing(t);
  const run = async (...argv: string[]) => {
    const { pipes, exited } = await spawn(pool, { argv, env, stdio: ['null', 'pipe', 'pipe'] });
    const [out, err] = await Promise.all([drain(pool, pipes[1]), drain(pool, pipes[2])]);
    return { out, err, ...(await exited) };
  };
  assert.deepEqual(await run('sh', '-c', 'echo here; echo there >&2; exit 3'), {
    out: 'here\n',
    err: 'there\n',
    exitCode: 3,
    signal: null,
  });
  assert.equal((await run('sh', '-c', 'kill -9 $$')).signal, 'SIGKILL');
  const many = await Promise.all(Array.from({ length: 20 }, (_, i) => run('echo', String(i))));
  assert.deepEqual(
    many.map(({ out }) => out),
    many.map((_, i) => `${i}\n`),
  );
});

test('what can not be executed leaves nothing behind', async (t) => {
  const { pool } = await bootServing(t);
  const fails = (request: Parameters<typeof spawn>[1], expected: object) =>
    assert.rejects(spawn(pool, request), expected);
  await fails({ argv: ['/nowhere'], env }, { code: 'ENOENT', syscall: 'execve', path: '/nowhere' });
  await fails({ argv: ['nowhere'], env }, { code: 'ENOENT', path: 'nowhere' });
  await fails({ argv: ['/etc/passwd'], env }, { code: 'EACCES' });
  await fails({ argv: ['true'], env, cwd: '/nowhere' }, { code: 'ENOENT', syscall: 'chdir', path: '/nowhere' });
  await fails({ argv: ['true', 'x\0y'], env }, { name: 'TypeError' });
  await fails({ argv: ['true', 'x'.repeat(300_000)], env }, { code: 'E2BIG' });
  const open = await spawn(pool, { argv: ['ls', '/proc/self/fd'], env, stdio: ['null', 'pipe', 'null'] });
  assert.equal(await drain(pool, open.pipes[1]), '0\n1\n2\n3\n');
  const left = await spawn(pool, {
    argv: ['sh', '-c', 'ls /proc/$PPID/fd; grep -c host-task /proc/[0-9]*/comm'],
    env,
    stdio: ['null', 'pipe', 'null'],
  });
  // Descriptors of the pool: three that are nobody's, and its ends of the pipes.
  const lines = (await drain(pool, left.pipes[1])).split('\n');
  assert.ok(lines.length < 40, lines.join());
});

test('a program has a terminal of its own, a user, a folder', async (t) => {
  const { pool } = await bootServing(t);
  const { terminal, exited } = await spawn(pool, {
    argv: ['sh', '-c', 'tty; stty size; id -u; id -g; pwd'],
    env,
    uid: 1000,
    gid: 1000,
    cwd: '/tmp',
    terminal: { columns: 91, rows: 17 },
  });
  assert.deepEqual(await exited, { exitCode: 0, signal: null });
  assert.equal(await drain(pool, terminal), '/dev/pts/0\r\n17 91\r\n1000\r\n1000\r\n/tmp\r\n');
});

test('a process of its own has a memory of its own, and ends by exit_group', async (t) => {
  const { pool } = await bootServing(t);
  const { task, pid, exited } = await pool.process();
  assert.equal(await call(task, 'getpid'), pid);
  const address = new BufferWriter(task).string('mine');
  await pool.use(async (other) => {
    assert.notEqual(await call(other, 'getpid'), pid);
    assert.notDeepEqual(other.bytes.subarray(address, address + 4), task.bytes.subarray(address, address + 4));
  });
  await assert.rejects(call(task, 'exit_group', 5), { name: 'TaskEnded' });
  assert.deepEqual(await exited, { exitCode: 5, signal: null });
  await assert.rejects(call(task, 'getpid'), { name: 'TaskEnded' });
});

test('nobody in the guest ends the tasks of the host, or makes himself one', async (t) => {
  const { pool } = await bootServing(t);
  const { exited } = await spawn(pool, { argv: ['sh', '-c', 'kill -9 $PPID; kill -TERM $PPID'], env });
  await exited;
  assert.ok(!isError(await pool.use((task) => call(task, 'getppid'))));
});

test('the end of the machine ends every call', async (t) => {
  const { pool, machine } = await bootServing(t);
  const sleeping = pool.use((task) => call(task, 'rt_sigsuspend', 0, 0));
  const paused = pool.use(async (task) => {
    const set = new BufferWriter(task).words([0, 0]);
    return call(task, 'rt_sigsuspend', set, 8);
  });
  await sleeping;
  machine.terminate(0);
  await assert.rejects(paused, { name: 'MachineEnded' });
  await assert.rejects(
    pool.use((task) => call(task, 'getpid')),
    { name: 'MachineEnded' },
  );
});

test('a program is run to its end, with input and limits', async (t) => {
  const { pool } = await bootServing(t);
  const streams = new Streams(pool);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const sh = (line: string, more: Partial<RunRequest> = {}, signal?: AbortSignal) =>
    run(pool, streams, { argv: ['sh', '-c', line], env, ...more }, signal);
  const input = new Uint8Array(1 << 20).fill(65);
  const cat = await sh('cat; echo done >&2; exit 2', { stdin: input });
  assert.equal(cat.exitCode, 2);
  assert.equal(text(cat.stderr), 'done\n');
  assert.ok(Buffer.from(cat.stdout).equals(input));
  assert.equal((await sh('exec <&-; true', { stdin: input })).exitCode, 0);
  assert.deepEqual(
    await sh('sleep 1000 & sleep 1000', { timeout: 50 }).then(({ signal, timedOut }) => [signal, timedOut]),
    ['SIGTERM', true],
  );
  const yes = await sh('yes', { limits: { output: 100_000 } });
  assert.deepEqual([yes.signal, yes.truncated, yes.stdout.length], ['SIGKILL', true, 100_000]);
  const few = await sh('for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 >/dev/null 2>&1 & done; wait', {
    limits: { processes: 4 },
  });
  assert.match(text(few.stderr), /fork/i);
  const hog = await sh('x=x; while :; do x=$x$x; done', { limits: { memory: 8 << 20 } });
  assert.equal(hog.signal, 'SIGKILL');
  await assert.rejects(sh('true', { limits: { memory: -1 } }), RangeError);
  const controller = new AbortController();
  const endless = sh('trap "" TERM; while :; do :; done', { limits: { cpu: 0.5 } }, controller.signal);
  await sh('until [ -d /sys/fs/cgroup/run-* ]; do :; done');
  controller.abort(new Error('enough'));
  await assert.rejects(endless, /enough/);
  assert.equal(text((await sh('ls -d /sys/fs/cgroup/run-* 2>/dev/null')).stdout), '');
});

test('what waits for input or room holds no task', async (t) => {
  const { pool } = await bootServing(t);
  const streams = new Streams(pool);
  const shells = await Promise.all(
    Array.from({ length: 60 }, () => spawn(pool, { argv: ['cat'], env, stdio: ['pipe', 'pipe', 'pipe'] })),
  );
  const reading = shells.flatMap(({ pipes }) => [streams.read(pipes[1] ?? -1), streams.read(pipes[2] ?? -1)]);
  const threads = await run(pool, streams, { argv: ['sh', '-c', 'ls /proc/$PPID/task | wc -l'], env });
  const count = Number(new TextDecoder().decode(threads.stdout));
  assert.ok(count > 2 && count < 70, `${count} threads`);
  // More than a pipe holds: cat waits for its reader, and so does who writes.
  const [first] = shells;
  const much = streams.write(first?.pipes[0] ?? -1, new Uint8Array(1 << 20));
  let length = (await reading[0])?.length ?? 0;
  while (length < 1 << 20) length += (await streams.read(first?.pipes[1] ?? -1)).length;
  await much;
  for (const { pipes } of shells) await streams.close(pipes[0] ?? -1);
  for (const { exited } of shells) assert.equal((await exited).exitCode, 0);
  assert.deepEqual(
    (await Promise.all(reading)).slice(2).map((bytes) => bytes.length),
    Array(118).fill(0),
  );
});
