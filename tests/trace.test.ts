// SPDX-License-Identifier: MIT
/**
 * --trace: tests/guest/traced.c makes calls of every kind, and what is printed of them is what tests/traces/SCENE.txt has, which
 * was compared by hand with what strace(1) prints of the same program on Linux.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../src/build/root.ts';
import { file } from '../src/image/cpio.ts';
import type { TraceOptions } from '../src/trace/options.ts';
import { bash, type CommandResult } from './harness/command.ts';
import { Pty } from './harness/pty.ts';
import { builtFile, describeResult, type GuestResult, runGuest } from './harness/guest.ts';

const PROGRAM = '/usr/bin/traced';

function traced(command: readonly string[], trace: Partial<TraceOptions>): Promise<GuestResult> {
  const program = readFileSync(builtFile('guestTests', 'traced.wasm'));
  return runGuest(command, { files: [file(PROGRAM.slice(1), program, 0o755)], trace });
}

/** What differs from one run, or one state of the source, to the next; and the columns, which lines.test.ts looks at. */
function withoutChance(text: string, pids: readonly string[]): string {
  return (
    text
      // A length may be the same number.
      .replace(/(?<!len=)\b\d+\b/g, (number) => (pids.includes(number) ? `PID${pids.indexOf(number) + 1}` : number))
      .replace(/\b0x[0-9a-f]{5,8}\b/g, 'ADDRESS')
      .replace(/f_fsid=\{[^}]*\}/g, 'f_fsid=CHANCE')
      .replace(/sa_handler=0x[0-9a-f]+/g, 'sa_handler=FUNCTION')
      .replace(/\/\* \d+ vars \*\//g, '/* N vars */')
      .replace(/\) += /g, ') = ')
  );
}

/**
 * What is chance: whether a process that ignores SIGCHLD had it blocked when it came, and then took it; which of two threads is
 * the first at a futex.
 */
const isStable = (line: string) => !line.startsWith('--- SIGCHLD') && !line.startsWith('futex_time64');

/** A trace with -f into a file, process by process in the order of their birth, interrupted lines whole again. */
function byProcess(trace: string): string {
  const processes = new Map<string, string[]>();
  for (const line of trace.trimEnd().split('\n')) {
    const [, pid = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? assert.fail(line);
    const lines = processes.get(pid) ?? [];
    processes.set(pid, lines);
    const [, rest] = /^<\.\.\. \w+ resumed>(.*)$/.exec(text) ?? [];
    if (rest === undefined) lines.push(text);
    else lines.push((lines.pop() ?? assert.fail(line)).replace(/ <unfinished \.\.\.>$/, rest));
  }
  const text = [...processes].map(([pid, lines]) => `${pid}:\n${lines.filter(isStable).join('\n')}\n`).join('');
  return withoutChance(text, [...processes.keys()]);
}

/** To be compared with a file, which WASMLINUX_UPDATE_TRACES=1 writes anew. */
function isAsIn(scene: string, text: string): void {
  const path = join(root, 'tests', 'traces', `${scene}.txt`);
  if (process.env.WASMLINUX_UPDATE_TRACES === '1') writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'));
}

for (const scene of ['files', 'memory', 'network', 'signals', 'times']) {
  test(`calls of one process: ${scene}`, async () => {
    const result = await traced([PROGRAM, scene], {});
    assert.equal(result.status, 0, describeResult(result));
    assert.equal(result.stdout + result.stderr, '');
    const pids = [...result.trace.matchAll(/^(?:set_tid_address|fork)\(.*\) += (\d+)$/gm)].map(([, pid]) => pid ?? '');
    const lines = result.trace.split('\n').filter(isStable).join('\n');
    isAsIn(scene, withoutChance(scene === 'times' ? result.trace : lines, pids));
  });
}

test('-f: all that the command makes', async () => {
  const result = await traced([PROGRAM, 'processes'], { follow: true, toFile: true });
  assert.equal(result.status, 0, describeResult(result));
  isAsIn('processes', byProcess(result.trace));
});

test('-c: a table of counts and errors, no lines', async () => {
  const result = await traced([PROGRAM, 'files'], { summary: true });
  assert.equal(result.status, 0, describeResult(result));
  const rows = result.trace.trimEnd().split('\n');
  assert.match(rows[0] ?? '', /^% time +seconds +usecs\/call +calls +errors syscall$/);
  const counts = rows.slice(2, -2).map((row) => row.trim().split(/ +/).toSpliced(0, 3).join(' '));
  assert.ok(counts.includes('3 1 close'), result.trace);
  assert.ok(counts.includes('5 2 openat'), result.trace);
  assert.ok(counts.includes('1 execve'), result.trace);
  assert.match(rows.at(-1) ?? '', /^100\.00 .* total$/);
});

test('-e: filters by name, group, result and signal', async () => {
  const names = async (...filters: readonly string[]) => {
    const { trace } = await traced([PROGRAM, 'files'], { filters });
    return new Set([...trace.matchAll(/^(\w+)\(/gm)].map(([, name]) => name));
  };
  assert.deepEqual(await names('trace=open,umask'), new Set(['openat', 'umask']));
  const fileNames = await names('%file', 'status=failed');
  assert.deepEqual(fileNames, new Set(['openat']));
  const { trace } = await traced([PROGRAM, 'signals'], { filters: ['trace=none', 'signal=USR2'] });
  assert.deepEqual(new Set([...trace.matchAll(/^--- (\w+)/gm)].map(([, name]) => name)), new Set(['SIGUSR2']));
});

test('a shell that runs in the background, and what others do, is not traced without -f', async () => {
  const result = await traced(['sh', '-c', 'cat /etc/hostname; true'], { filters: ['trace=execve,write'] });
  assert.equal(result.stdout, 'wasmlinux\n');
  assert.equal(result.trace.match(/^execve/gm)?.length, 1, result.trace);
});

test('the lines go to standard error or a file, whole, and mistakes are one line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-'));
  try {
    const program = builtFile('guestTests', 'traced.wasm');
    const path = join(folder, 'trace');
    const plain = await bash(
      './wasmlinux run --trace -e trace=write dd if=/dev/zero of=/dev/null bs=1 count=20000',
      path,
    );
    assert.equal(plain.stderr.match(/^write\(1, "\\0", 1\)/gm)?.length, 20000);
    const filed = await bash('./wasmlinux run --trace -f -o "$1" "$2" times', path, program);
    assert.deepEqual(filed, { status: 0, stdout: '', stderr: '' });
    assert.match(readFileSync(path, 'utf8'), /^\d+ +execveat\(.*\n[\s\S]*\+\+\+ exited with 0 \+\+\+\n$/);
    const full = await bash('./wasmlinux run --trace -o /dev/full true');
    assert.equal(full.status, 74);
    assert.match(full.stderr, /^wasmlinux: the trace: [^\n]*no space left[^\n]*\n$/);
    const gone = await bash('./wasmlinux run --trace true 2>&1 >/dev/null | head -1');
    assert.match(gone.stdout, /^execve/);
    for (const wrong of ['-e opne', '-o /absent/file', '-s 1k']) {
      const { status, stderr } = await bash(`./wasmlinux run --trace ${wrong} true`);
      assert.equal(status, 2);
      assert.match(stderr, /^wasmlinux: [^\n]+\n$/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('nobody reads the trace any more: the machine ends as strace does by SIGPIPE', async () => {
  const gone = await bash('./wasmlinux run --trace yes 2>&1 >/dev/null | head -1; echo "status $PIPESTATUS"');
  assert.match(gone.stdout, /^execve\(.*\nstatus 141\n$/);
  assert.equal(gone.stderr, '');
});

test('without a command, the login shell of the terminal is traced', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-'));
  try {
    const path = join(folder, 'trace');
    await using pty = await Pty.start(`./wasmlinux --quiet --trace -s 100 -o ${path}`);
    await pty.waitFor('# ');
    pty.type('ls /\n');
    await pty.waitFor(/etc[\s\S]*# /);
    pty.type('exit 3\n');
    assert.equal(await pty.ended, 3);
    const trace = readFileSync(path, 'utf8');
    assert.match(trace, /^execve\("\/bin\/\w+", \["-\w+"\], /);
    const typed = [...trace.matchAll(/^read\(0, "(.*)", /gm)].map(([, text]) => text).join('');
    assert.ok(typed.includes('ls /\\n') || typed.includes('ls /\\r'), trace);
    assert.match(trace, /^exit_group\(3\) += \?\n\+\+\+ exited with 3 \+\+\+\n$/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a machine that has died, or was ended, still prints what was traced', async () => {
  const dead = await bash("./wasmlinux run --trace -e write sh -c 'echo c >/proc/sysrq-trigger'");
  assert.equal(dead.status, 70);
  assert.match(dead.stderr, /^write\(1, "c\\n", 2 <unfinished \.\.\.>$/m);
  const program = builtFile('guestTests', 'traced.wasm');
  let ended: CommandResult;
  let seconds = 2;
  // With more and more time until the program has got as far as its calls.
  do {
    ended = await bash('./wasmlinux run --trace -c --timeout "$2" "$1" spin', program, `${seconds}s`);
    seconds *= 2;
    assert.equal(ended.status, 124);
  } while (!ended.stderr.includes('getppid') && seconds < 200);
  assert.match(ended.stderr, / 50 +getppid\n[\s\S]* total\n/);
});
