// SPDX-License-Identifier: MIT
/**
 * busybox's own test suite, run by the guest's ash over the guest's busybox: about a thousand cases, 22,000 forks. Fails when a
 * case fails that is not listed here, and when one listed here passes: the list is what it says. `npm run programs`.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { builtFile, runGuest } from '../harness/guest.ts';

/** Why a case fails. */
const knownFailures: Readonly<Record<string, string>> = {
  'awk gsub erroneous word start match': "musl's regcomp: \\< after a match within a word",
  'sed embedded NUL': "musl's regexec has no REG_STARTEND",
  'sed NUL in command': "musl's regexec has no REG_STARTEND",
  'date-timezone': "musl's strptime does not read a time zone",
  'cpio lists hardlinks': 'a bug of busybox, known to its suite',
  'sed nonexistent label': 'a bug of busybox, native too: it looks for the label when it gets there',
  'ls unicode test with unlimited codepoints': 'a bug of busybox, native too: it takes an overlong form',
  'mount -o remount,mand': 'the kernel has no minix file system',
  'start-stop-daemon with both -x and -a': '/bin/false is busybox, which goes by argv[0]',
  'unzip (subdir only)': 'needs the program zip',
};

test("busybox's test suite", async () => {
  const source = dirname(builtFile('sourceBusybox', 'testsuite'));
  const suite = execFileSync('tar', ['-c', '-C', source, 'testsuite'], { maxBuffer: 1 << 26 });
  const script = `
    mkdir /tmp/suite && cd /tmp/suite && tar x && bbconfig >.config && cp /bin/busybox . && cd testsuite
    ECHO=echo SKIP_INTERNET_TESTS=y sh ./runtest 2>/dev/null`;
  const { stdout, report } = await runGuest(['sh', '-c', script], { stdin: suite });
  assert.equal(report, undefined);
  const cases = (outcome: string): string[] =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith(`${outcome}: `))
      .map((line) => line.slice(outcome.length + 2));
  const passed = cases('PASS');
  console.log(`${passed.length} passed, ${cases('FAIL').length} failed, ${cases('SKIPPED').length} skipped`);
  assert.ok(passed.length > 900, stdout);
  assert.deepEqual(cases('FAIL').sort(), Object.keys(knownFailures).sort());
});
