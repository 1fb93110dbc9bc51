// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInvocation, UsageError } from './arguments.ts';

const refused = (args: string[], message: RegExp): void => {
  assert.throws(
    () => parseInvocation(args, {}),
    (error) => error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'),
  );
};

test('nothing asks for a shell', () => {
  const invocation = parseInvocation([], {});
  assert.ok(invocation.kind === 'shell');
  assert.equal(invocation.settings.memory, 128 * 1024 * 1024);
});

test("a command's own options are its own", () => {
  const invocation = parseInvocation(['run', 'ls', '-l', '--help', '--', '-x'], {});
  assert.ok(invocation.kind === 'run');
  assert.deepEqual(invocation.command, ['ls', '-l', '--help', '--', '-x']);
});

test('one -- after run is not part of the command', () => {
  const invocation = parseInvocation(['run', '--', '-strange', '--'], {});
  assert.ok(invocation.kind === 'run');
  assert.deepEqual(invocation.command, ['-strange', '--']);
});

test('options stand before the subcommand', () => {
  const invocation = parseInvocation(['-vm', '64', '--append=loglevel=7', 'run', 'true'], {});
  assert.ok(invocation.kind === 'run');
  const { memory, verbose, append } = invocation.settings;
  assert.deepEqual({ memory, verbose, append }, { memory: 64 * 1024 * 1024, verbose: true, append: 'loglevel=7' });
});

test('the terminal and the language are passed on, the rest of the environment when asked for', () => {
  const host = { TERM: 'xterm', LC_ALL: 'C', PATH: '/usr/bin', EDITOR: 'vi' };
  const invocation = parseInvocation(['-e', 'EDITOR', '-e', 'A=b=c', '-e', 'TERM=dumb', '-e', 'ABSENT'], host);
  assert.ok(invocation.kind === 'shell');
  assert.deepEqual(invocation.settings.environment, { TERM: 'dumb', LC_ALL: 'C', EDITOR: 'vi', A: 'b=c' });
});

test('--help and --version win', () => {
  assert.equal(parseInvocation(['--help', 'run'], {}).kind, 'help');
  assert.equal(parseInvocation(['-V'], {}).kind, 'version');
});

test('mistakes are refused in one line', () => {
  refused(['--frobnicate'], /--frobnicate/);
  refused(['--memory'], /memory/);
  refused(['--memory', '1'], /32 to 2048/);
  refused(['--memory', '1e2', 'run', 'true'], /1e2/);
  refused(['--env', '=x'], /NAME/);
  refused(['run'], /which command/);
  refused(['run', '--'], /which command/);
  refused(['run', '-x'], /-x/);
  refused(['ls'], /unknown command ls/);
  refused(['clean', 'x'], /unexpected argument x/);
});
