// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInvocation } from './arguments.ts';
import { UsageError } from './usage-error.ts';

const MIB = 2 ** 20;

const refused = (args: string[], message: RegExp): void => {
  assert.throws(
    () => parseInvocation(args, {}),
    (error) => error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'),
    `${args.join(' ')} is to be refused with ${message}`,
  );
};

/** The settings of a shell or of a run. */
const settingsOf = (...args: string[]) => {
  const invocation = parseInvocation(args, {});
  assert.ok(invocation.kind === 'shell' || invocation.kind === 'run');
  return invocation.settings;
};

test('nothing asks for a shell', () => {
  const invocation = parseInvocation([], {});
  assert.ok(invocation.kind === 'shell');
  assert.equal(invocation.settings.memory, 256 * MIB);
});

test("a command's own options are its own", () => {
  const invocation = parseInvocation(['run', 'ls', '-l', '--help', '--', '-x'], {});
  assert.ok(invocation.kind === 'run');
  assert.deepEqual(invocation.command, ['ls', '-l', '--help', '--', '-x']);
});

test('one -- after run is not part of the command', () => {
  for (const options of [[], ['--verbose']]) {
    const invocation = parseInvocation(['run', ...options, '--', '-strange', '--'], {});
    assert.ok(invocation.kind === 'run');
    assert.deepEqual(invocation.command, ['-strange', '--']);
  }
});

test('options stand on both sides of run', () => {
  const invocation = parseInvocation(['-vm', '64', 'run', '--append=loglevel=7', '-m96M', 'run', '-v'], {});
  assert.ok(invocation.kind === 'run');
  const { memory, verbose, append } = invocation.settings;
  assert.deepEqual({ memory, verbose, append }, { memory: 96 * MIB, verbose: true, append: 'loglevel=7' });
  assert.deepEqual(invocation.command, ['run', '-v']);
});

test('the terminal and the language are passed on, the rest of the environment when asked for', () => {
  const host = { TERM: 'xterm', LC_ALL: 'C', PATH: '/usr/bin', EDITOR: 'vi' };
  const wishes = ['EDITOR', 'A=b=c', 'TERM=dumb', 'ABSENT'].flatMap((wish) => ['--env', wish]);
  const invocation = parseInvocation(wishes, host);
  assert.ok(invocation.kind === 'shell');
  assert.deepEqual(invocation.settings.environment, { TERM: 'dumb', LC_ALL: 'C', EDITOR: 'vi', A: 'b=c' });
});

test('memory is given in bytes, KiB to GiB, without a unit in MiB', () => {
  assert.equal(settingsOf('--memory', '64').memory, 64 * MIB);
  assert.equal(settingsOf('--memory', '256M').memory, 256 * MIB);
  assert.equal(settingsOf('--memory', '1.5g').memory, 1536 * MIB);
  // A WebAssembly.Memory has whole pages of 64 KiB.
  assert.equal(settingsOf('--memory', '65537K').memory, 64 * MIB + 65536);
});

test('a time is given in milliseconds to days, without a unit in seconds', () => {
  assert.equal(settingsOf('--timeout', '500ms').timeout, 500);
  assert.equal(settingsOf('--timeout', '10').timeout, 10_000);
  assert.equal(settingsOf('--timeout', '1.5m').timeout, 90_000);
  assert.equal(settingsOf('--timeout', '2h').timeout, 7_200_000);
  assert.equal(settingsOf('--timeout', '0').timeout, undefined);
});

test('where and as whom the command runs', () => {
  const { cwd, user } = settingsOf('run', '--cwd', '/tmp', '--user', 'user:100', 'true');
  assert.deepEqual({ cwd, user }, { cwd: '/tmp', user: 'user:100' });
});

test("a trace has strace's options, and they are nothing without it", () => {
  const invocation = parseInvocation(
    ['run', '--trace', '-fc', '-e', '%file', '-e!read', '-o', 'x', '-s9', 'ls', '-c'],
    {},
  );
  assert.ok(invocation.kind === 'run');
  assert.deepEqual(invocation.command, ['ls', '-c']);
  assert.deepEqual(invocation.settings.trace, {
    follow: true,
    summary: true,
    filters: ['%file', '!read'],
    file: 'x',
    toFile: true,
    stringLimit: 9,
    verbose: false,
  });
  const untraced = parseInvocation(['run', 'ls', '--trace'], {});
  assert.ok(untraced.kind === 'run' && untraced.settings.trace === undefined);
  for (const option of ['-f', '-c', '-eread', '-ox', '-s9']) refused(['run', option, 'ls'], /is an option of --trace/);
  refused(['run', '--trace', '-s', 'many', 'ls'], /-s many/);
  refused(['run', '--trace', '-s', '-1', 'ls'], /^-s needs a value \(one that begins with a dash: -s-1\)$/);
  refused(['run', '--trace', '-s-1', 'ls'], /^-s -1: a number of bytes$/);
  refused(['run', '--trace', '-o', '|less', 'ls'], /^-o \|less: a file, not a command /);
  refused(['run', '--trace', '-o', '!less', 'ls'], /^-o !less: a file, not a command /);
});

test('--help and --version win', () => {
  assert.equal(parseInvocation(['--help', 'run'], {}).kind, 'help');
  assert.equal(parseInvocation(['run', '--help'], {}).kind, 'help');
  assert.equal(parseInvocation(['-V'], {}).kind, 'version');
});

test('mistakes are refused in one line', () => {
  refused(['--frobnicate'], /unknown option --frobnicate \(see/);
  refused(['run', '-x', 'true'], /unknown option -x/);
  refused(['-vx'], /unknown option -x/);
  refused(['--memory'], /--memory needs a value/);
  refused(['--memory', '--verbose'], /--memory needs a value/);
  refused(['--verbose=1'], /--verbose takes no value/);
  refused(['--memory', '1'], /from 32M to 2G/);
  refused(['--memory', '1e2', 'run', 'true'], /1e2/);
  refused(['--memory', '64T'], /64T/);
  refused(['--memory', '99G'], /from 32M to 2G/);
  refused(['--memory='], /--memory/);
  refused(['--env', '=x'], /NAME/);
  refused(['--quiet', 'run', '--verbose', 'true'], /--quiet and --verbose/);
  refused(['--root', '/tmp', '--initramfs', 'x'], /--root and --initramfs/);
  refused(['--cwd', 'tmp'], /begins with \//);
  refused(['--user='], /--user/);
  refused(['--user', 'a:'], /GROUP/);
  refused(['--user', 'a:b:c'], /GROUP/);
  refused(['--timeout', '10 s'], /10 s: a time/);
  refused(['--timeout', '-1'], /--timeout needs a value/);
  refused(['--timeout=-1'], /--timeout -1/);
  refused(['--timeout', '25d'], /at most 24d/);
  refused(['run'], /which command/);
  refused(['run', '--'], /which command/);
  refused(['run', ''], /empty/);
  refused(['ls'], /unknown command ls/);
  refused(['--', 'ls'], /wasmlinux run ls/);
  refused(['clean', 'x'], /unexpected argument x/);
  refused(['-v', 'build'], /build: takes no options/);
});

test('an option that is nearly right is suggested', () => {
  refused(['--memroy', '64M'], /did you mean --memory\?/);
  refused(['--verb'], /did you mean --verbose\?/);
  refused(['--versoin'], /did you mean --version\?/);
  refused(['run', '--qiuet', 'true'], /did you mean --quiet\?/);
  refused(['--x'], /see wasmlinux --help/);
});
