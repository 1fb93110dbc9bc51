// SPDX-License-Identifier: MIT
/**
 * The tests of programs that were not written for this project and are built as they are (src/build/unported.ts), run in the guest.
 * `npm run programs`.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { builtFile, describeResult, type GuestResult, runGuest } from '../harness/guest.ts';

/** Runs a script where the files of the program `name` are. */
async function runTests(name: string, script: string): Promise<GuestResult> {
  const parent = dirname(builtFile('unportedPrograms', name));
  const files = execFileSync('tar', ['-c', '-C', parent, name], { maxBuffer: 1 << 28 });
  const unpack = `mkdir /tmp/unported && cd /tmp/unported && tar x && cd ${name}\n`;
  return await runGuest(['sh', '-c', unpack + script], { stdin: files, memory: 512 << 20 });
}

function assertStatus(result: GuestResult, status: number): void {
  assert.equal(result.report, undefined);
  assert.equal(result.status, status, describeResult(result));
}

/** The lines "NAME STATUS" that a script has printed: that there are so many, and that all have passed. */
function assertAllPassed(result: GuestResult, count: number): void {
  assertStatus(result, 0);
  const lines = result.stdout.trim().split('\n');
  assert.deepEqual(
    lines.filter((line) => !line.endsWith(' 0')),
    [],
    describeResult(result),
  );
  assert.equal(lines.length, count, result.stdout);
}

test('xxHash: plain make', async () => {
  const result = await runTests('xxhash', 'tests/sanity_test 2>&1 && ./xxhsum -H1 LICENSE >sum && ./xxhsum -c sum');
  assertStatus(result, 0);
  assert.match(result.stdout, /OK\. \(passes 49948 tests\)/);
  assert.match(result.stdout, /^LICENSE: OK$/m);
});

test('xz: autoconf, automake and libtool', async () => {
  const result = await runTests(
    'xz',
    `cd tests; export srcdir=.
    for name in test_*; do
      case $name in *.sh|*_generated_*|*.log|*.trs) continue ;; esac
      ./$name >$name.log 2>&1; echo "$name $?"
    done
    for name in test_files test_suffix; do sh ./$name.sh >$name.log 2>&1; echo "$name $?"; done
    for kind in abc random text; do
      sh ./test_compress.sh test_compress_generated_$kind >$kind.log 2>&1; echo "$kind $?"
    done`,
  );
  assertAllPassed(result, 18);
});

test('jansson: CMake', async () => {
  const result = await runTests(
    'jansson',
    `for name in test_*; do ./$name >$name.log 2>&1; echo "$name $?"; done
    for case in suites/*/*/; do
      case $case in suites/api/*) continue ;; esac
      ./json_process $case >case.log 2>&1; echo "$case $?"
    done`,
  );
  assertAllPassed(result, 131);
});

test('Little CMS: Meson', async () => {
  const result = await runTests('lcms', './testcms 2>&1');
  assertStatus(result, 0);
  assert.match(result.stdout, /^Checking Mutex plugin \.\.\.Ok\.$/m);
  assert.doesNotMatch(result.stdout, /FAIL/);
});
