// SPDX-License-Identifier: MIT
/** The profiles of `wasmlinux run --profile`: what they name, that they are whole, and that they are written however it ends. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../src/build/root.ts';
import type { CallFrame, CpuProfile } from '../src/debug/cpu-profile.ts';
import { bash } from './harness/command.ts';

/** Spends its time in two functions, one of them in the kernel; with an argument it says so and never ends. */
const PROGRAM = `
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
static char buffer[65536];
__attribute__((noinline)) unsigned hash_words(unsigned hash, int rounds) {
  for (int i = 0; i < rounds; i++) hash = (hash ^ buffer[i & 65535]) * 16777619u + i;
  return hash;
}
__attribute__((noinline)) void read_zeros(int times) {
  int file = open("/dev/zero", O_RDONLY);
  for (int i = 0; i < times; i++) read(file, buffer, sizeof buffer);
}
int main(int argc, char **argv) {
  unsigned hash = hash_words(1, 200000000);
  read_zeros(20000);
  printf("%d\\n", hash != 0);
  fflush(stdout);
  while (argc > 1) hash = hash_words(hash, 100000);
  return 3;
}
`;

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-profile-test-'));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);
writeFileSync(file('busy.c'), PROGRAM);
execFileSync(join(root, 'bin', 'wasmlinux-cc'), ['-O2', file('busy.c'), '-o', file('busy.wasm')]);

/** Reads a profile and checks it against the protocol's definition of Profile. */
function readProfile(name: string): CpuProfile {
  const profile: CpuProfile = JSON.parse(readFileSync(file(name), 'utf8'));
  const { nodes, samples, timeDeltas, startTime, endTime } = profile;
  const hits = new Map(nodes.map(({ id }) => [id, 0]));
  const children = nodes.flatMap((node) => node.children ?? []);
  assert.equal(hits.size, nodes.length, 'ids are unique');
  assert.equal(new Set(children).size, nodes.length - 1, 'each node but the root has one caller');
  assert.ok(children.every((id) => hits.has(id)));
  for (const { callFrame } of nodes) {
    assert.equal(typeof callFrame.functionName, 'string');
    assert.equal(typeof callFrame.scriptId, 'string');
    assert.equal(typeof callFrame.url, 'string');
    assert.ok(Number.isInteger(callFrame.lineNumber) && Number.isInteger(callFrame.columnNumber));
  }
  assert.equal(samples.length, timeDeltas.length);
  assert.ok(samples.length > 0);
  for (const id of samples) hits.set(id, (hits.get(id) ?? Number.NaN) + 1);
  for (const { id, hitCount } of nodes) assert.equal(hits.get(id), hitCount);
  const sum = timeDeltas.reduce((total, delta) => total + delta, 0);
  assert.ok(sum > 0 && startTime + sum <= endTime + 1, `${startTime} + ${sum} <= ${endTime}`);
  return profile;
}

/** The frames of all samples that were in a function, outermost first. */
function stacksIn({ nodes }: CpuProfile, functionName: string): CallFrame[][] {
  const callers = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)));
  return nodes
    .filter(({ callFrame, hitCount }) => callFrame.functionName === functionName && hitCount > 0)
    .map((innermost) => {
      const frames: CallFrame[] = [];
      for (let node = callers.get(innermost.id); node; node = callers.get(node.id)) frames.unshift(node.callFrame);
      return [...frames, innermost.callFrame];
    });
}

/** The engine can't walk the stack from every instruction, so not each sample has all of it. */
function assertSome(stacks: readonly CallFrame[][], pattern: RegExp): void {
  const texts = stacks.map((frames) => frames.map(({ functionName, url }) => `${functionName} ${url}`).join('\n'));
  assert.ok(
    texts.some((text) => pattern.test(text)),
    texts.join('\n\n'),
  );
}

test('a profile names functions of the program and, below them, of the kernel', async () => {
  const { status, stdout, stderr } = await bash(
    './wasmlinux run --profile "$1" "$2"',
    file('whole'),
    file('busy.wasm'),
  );
  assert.deepEqual({ status, stdout, stderr }, { status: 3, stdout: '1\n', stderr: '' });
  const profile = readProfile('whole');
  assertSome(stacksIn(profile, 'hash_words'), /^\(root\) \n.* kernel\n(.*\n)*main busy\nhash_words busy$/);
  const kernel = profile.nodes.filter(({ callFrame }) => callFrame.functionName === 'vfs_read');
  assert.deepEqual([...new Set(kernel.map(({ callFrame }) => callFrame.url))], ['kernel']);
  assertSome(
    [...stacksIn(profile, '__clear_user'), ...stacksIn(profile, 'clear')],
    /main busy\n(.*\n)*read_zeros busy\n(.*\n)*syscall32 wasmlinux\.trampoline\n(.*\n)*vfs_read kernel\n/,
  );
});

test('waiting is idle time', async () => {
  const { status } = await bash('./wasmlinux run --profile "$1" sleep 0.2', file('idle'));
  assert.equal(status, 0);
  assert.ok(stacksIn(readProfile('idle'), '(idle)').length > 0);
});

test('a signal ends a busy machine as ever, with its profile written', async () => {
  const script = 'exec ./wasmlinux run --profile "$1" "$2" forever > >(read -r line; kill -TERM $$)';
  const { status } = await bash(script, file('signal'), file('busy.wasm'));
  assert.equal(status, 'SIGTERM');
  assert.ok(stacksIn(readProfile('signal'), 'hash_words').length > 0);
});

test('a machine whose time is over leaves a profile', async () => {
  // However far it came in that time: the machine that tests run on may be busy.
  const script = './wasmlinux run --timeout 3 --profile "$1" "$2" forever';
  const { status } = await bash(script, file('timeout'), file('busy.wasm'));
  assert.equal(status, 124);
  readProfile('timeout');
});

test('a dead kernel leaves a profile', async () => {
  const script = './wasmlinux run --profile "$1" sh -c "echo c >/proc/sysrq-trigger"';
  const { status, stderr } = await bash(script, file('panic'));
  assert.equal(status, 70);
  assert.match(stderr, /sysrq triggered crash/);
  readProfile('panic');
});

test('a file that can not be written is a mistake of the user, before anything runs', async () => {
  const { status, stdout, stderr } = await bash('./wasmlinux run --profile "$1" echo ran', file('no/such'));
  assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
  assert.match(stderr, /^wasmlinux: --profile .*no\/such: no such file\n$/);
});
