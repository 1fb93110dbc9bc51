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
  'sed embedded NUL': 'a bug of busybox, known to its suite: it matches in strings that end with a NUL',
  'sed NUL in command': 'a bug of busybox, known to its suite: its commands end with a NUL',
  'cpio lists hardlinks': 'a bug of busybox, known to its suite',
  'sed nonexistent label': 'a bug of busybox, known to its suite: it looks for the label when it gets there',
  'ls unicode test with unlimited codepoints': 'a bug of busybox, native too: it takes an overlong form',
};

/** What zip would make of an empty folder foo and an empty file foo/bar. */
const zipped =
  'UEsDBBQAAAAAAAAAIVgAAAAAAAAAAAAAAAAEAAAAZm9vL1BLAwQUAAAAAAAAACFYAAAAAAAAAAAAAAAABwAAAGZvby9iYXJQSwECFAMUAAAAAAAAACFYAAAA' +
  'AAAAAAAAAAAABAAAAAAAAAAAABAA7UEAAAAAZm9vL1BLAQIUAxQAAAAAAAAAIVgAAAAAAAAAAAAAAAAHAAAAAAAAAAAAAACkgSIAAABmb28vYmFyUEsFBgAA' +
  'AAACAAIAZwAAAEcAAAAAAA==';

/**
 * What the suite asks of a system: ash as its sh, a /bin/false that is not busybox (which goes by argv[0]), zip, which busybox has not, for one
 * archive, and to be told that the kernel knows no mandatory locks (no Linux does since 5.15).
 */
const prepare = `
  ln -sf busybox /bin/sh
  rm /bin/false; printf '#!/bin/sh\\nexit 1\\n' >/bin/false
  printf '#!/bin/sh\\necho ${zipped} | base64 -d >$1\\n' >/usr/bin/zip
  chmod 755 /bin/false /usr/bin/zip
  export ECHO=echo SKIP_INTERNET_TESTS=y SKIP_MOUNT_MAND_TESTS=1`;

test("busybox's test suite", async () => {
  const source = dirname(builtFile('sourceBusybox', 'testsuite'));
  const suite = execFileSync('tar', ['-c', '-C', source, 'testsuite'], { maxBuffer: 1 << 26 });
  const script = `${prepare}
    mkdir /tmp/suite && cd /tmp/suite && tar x && bbconfig >.config && cp /bin/busybox . && cd testsuite
    sh ./runtest 2>/dev/null`;
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
