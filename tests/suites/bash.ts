// SPDX-License-Identifier: MIT
/**
 * bash's own test suite, run by the guest's bash over the guest's busybox, as a user with a terminal, and natively by the same
 * bash over the same busybox. Fails when a part of the suite fails in the guest that is not listed here, when one listed here
 * passes, and when one that native passes fails without its reason here. `npm run programs`.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { SUPPORT_PROGRAMS } from '../../src/build/bash.ts';
import { builtFile, runGuest } from '../harness/guest.ts';

/** Why a part fails in the guest: those that native fails too for the same want, and those that it passes. */
const knownFailures: Readonly<Record<'native' | 'guest', Readonly<Record<string, string>>>> = {
  native: {
    'run-execscript': "expects the signals in the BSDs' order, which it warns of; needs getconf",
    'run-exp-tests': "busybox's sed has no command l",
    'run-glob-bracket': 'needs bash built with loadable builtins, and a compiler',
    'run-glob-test': 'needs the locale zh_TW.big5',
    'run-intl': 'needs the locales de_DE, ja_JP.SJIS and others',
  },
  guest: {
    'run-cond': "musl's regcomp has no equivalence classes and collating elements ([=d=], [.d.])",
  },
};

/** Parts that may fail anywhere, and why. */
const races: Readonly<Record<string, string>> = {
  'run-nameref': 'prints a variable of a coproc that has nothing to do: when that has ended by then, bash has unset it',
};

/** Each part of the suite prints how its output differs from what is expected: nothing when it passes. */
const script = `
  cd suite/tests
  export THIS_SH=$1 BUILD_DIR=.. TMPDIR=/tmp BASH_TSTOUT=/tmp/bash-suite-$$
  for part in run-*; do
    case $part in run-all|run-minimal|run-gprof) continue ;; esac
    difference=$(sh ./$part 2>&1 | grep -a '^[-+]\\|^diff')
    if [ "$difference" ]; then echo "FAIL: $part"; else echo "PASS: $part"; fi
    echo "$difference" >&2
    rm -f $BASH_TSTOUT
  done`;

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-bash-suite-'));
const suite = join(folder, 'suite');
after(() => rmSync(folder, { recursive: true }));

before(() => {
  mkdirSync(suite);
  const source = dirname(builtFile('sourceBash', 'configure'));
  cpSync(join(source, 'tests'), join(suite, 'tests'), { recursive: true });
  // Large here-documents are made of files of the build.
  copyFileSync(join(source, 'y.tab.c'), join(suite, 'y.tab.c'));
  for (const name of ['config.h', 'version.h']) copyFileSync(join(source, 'shell.h'), join(suite, name));
  writeFileSync(join(suite, 'run.sh'), script);
});

/** A folder of programs that has the support programs. */
function programs(name: string, supportProgram: (name: string) => string): string {
  const bin = join(folder, name);
  mkdirSync(bin);
  for (const program of SUPPORT_PROGRAMS) copyFileSync(supportProgram(program), join(bin, program));
  return bin;
}

interface Outcome {
  readonly passed: string[];
  readonly failed: string[];
  readonly differences: string;
}

function outcome(where: string, stdout: string, differences: string): Outcome {
  const parts = (word: string): string[] =>
    [...stdout.matchAll(new RegExp(`^${word}: (.*)$`, 'gm'))].map(([, p = '']) => p);
  const result = { passed: parts('PASS'), failed: parts('FAIL').sort(), differences };
  console.log(`${where}: ${result.passed.length} passed, ${result.failed.length} failed: ${result.failed.join(' ')}`);
  return result;
}

async function inGuest(): Promise<Outcome> {
  programs('guest', (name) => builtFile('bash', `support/${name}.wasm`));
  const stdin = execFileSync('tar', ['-c', '-C', folder, 'suite', 'guest'], { maxBuffer: 1 << 26 });
  const commands = `
    mkdir /tmp/s && cd /tmp/s && tar x && chown -R user:user . && chown user /dev/hvc0
    export PATH=/tmp/s/guest:$PATH HOME=/home/user USER=user TERM=dumb
    setsid -c setuidgid user sh -c 'sh suite/run.sh /bin/bash >/tmp/passed 2>/tmp/differences' </dev/hvc0 >/dev/hvc0
    cat /tmp/passed; cat /tmp/differences >&2`;
  const { stdout, stderr, report } = await runGuest(['sh', '-c', commands], { stdin });
  assert.equal(report, undefined);
  return outcome('guest', stdout, stderr);
}

async function natively(): Promise<Outcome> {
  const bin = programs('native', (name) => builtFile('nativeShells', `support/${name}`));
  const applets = readFileSync(builtFile('busybox', 'links'), 'utf8')
    .split('\n')
    .map((path) => basename(path));
  copyFileSync(builtFile('nativeShells', 'bash'), join(bin, 'bash'));
  copyFileSync(builtFile('nativeShells', 'dash'), join(bin, 'sh'));
  copyFileSync(builtFile('benchBusybox', 'busybox'), join(bin, 'busybox'));
  for (const name of new Set(applets)) {
    if (name !== '' && !['busybox', 'sh', 'printenv'].includes(name)) symlinkSync('busybox', join(bin, name));
  }
  const { stdout, stderr } = await promisify(execFile)(join(bin, 'sh'), ['suite/run.sh', join(bin, 'bash')], {
    cwd: folder,
    env: { PATH: bin, HOME: folder, TERM: 'dumb', LANG: 'C.UTF-8', USER: 'user' },
    maxBuffer: 1 << 26,
  });
  return outcome('native', stdout, stderr);
}

test("bash's test suite", async () => {
  const guest = await inGuest();
  assert.ok(guest.passed.length > 70, guest.differences);
  const known = [...Object.keys(knownFailures.native), ...Object.keys(knownFailures.guest)];
  const failed = guest.failed.filter((part) => !(part in races));
  assert.deepEqual(failed, known.sort(), guest.differences);
  const native = await natively();
  for (const part of Object.keys(knownFailures.native))
    assert.ok(native.failed.includes(part), `${part} passes natively`);
});
