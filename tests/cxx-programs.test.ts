// SPDX-License-Identifier: MIT
/**
 * The C++ programs of tests/cxx, each inside a machine of its own and natively, by this machine's g++: what they print and their
 * status must be equal. One that has no native counterpart says itself what holds ("ok N - what").
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { lastOutput } from '../src/build/last-output.ts';
import { root } from '../src/build/root.ts';
import { file } from '../src/image/cpio.ts';
import { builtFile, describeResult, runGuest } from './harness/guest.ts';

/** First seed and count of the random nests. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = { 'fork-nests': ['1', '150'] };

const programs = globSync('tests/cxx/*.cpp', { cwd: root }).map((source) => basename(source, '.cpp'));
assert.ok(programs.length > 0);

function guestProgram(name: string) {
  return file(`usr/bin/${name}`, readFileSync(builtFile('cxxTests', `guest/${name}.wasm`)), 0o755);
}

/** The first line that differs, with those before it. */
function difference(actual: string, expected: string): string {
  const [ours, theirs] = [actual, expected].map((text) => text.split('\n'));
  const at = theirs?.findIndex((line, index) => line !== ours?.[index]) ?? 0;
  const before = theirs?.slice(Math.max(0, at - 10), at).join('\n');
  return `line ${at + 1}\n${before}\nguest:  ${ours?.[at]}\nnative: ${theirs?.[at]}`;
}

for (const name of programs.sort()) {
  test(name, async () => {
    const args = ARGUMENTS[name] ?? [];
    const result = await runGuest([`/usr/bin/${name}`, ...args], { files: [guestProgram(name)] });
    const native = join(lastOutput(root, 'cxxTests') ?? '', 'native', name);
    if (existsSync(native)) {
      const expected = spawnSync(native, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
      assert.equal(expected.status, 0, expected.stderr);
      if (result.stdout !== expected.stdout) assert.fail(difference(result.stdout, expected.stdout));
    } else {
      assert.ok(!/^not ok/m.test(result.stdout), describeResult(result));
      const plan = /^1\.\.(\d+)$/m.exec(result.stdout);
      assert.equal(result.stdout.match(/^ok /gm)?.length, Number(plan?.[1]), describeResult(result));
    }
    assert.equal(result.status, 0, describeResult(result));
  });
}

test('a program does the same each time that its instance is used again', async () => {
  const script = `
    for run in $(seq 100); do
      statics >/tmp/$run; exceptions >>/tmp/$run
      cmp /tmp/1 /tmp/$run || exit 1
    done
    cat /tmp/1`;
  const files = ['statics', 'exceptions'].map(guestProgram);
  const result = await runGuest(['sh', '-c', script], { files });
  assert.equal(result.status, 0, describeResult(result));
  assert.match(result.stdout, /^- first$/m);
});
