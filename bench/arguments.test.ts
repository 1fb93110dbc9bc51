// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../src/cli/usage-error.ts';
import { parseBench } from './arguments.ts';
import { ROWS } from './rows.ts';

test('without arguments all is run', () => {
  assert.deepEqual(parseBench([]), {
    rows: ROWS,
    rounds: 9,
    compare: undefined,
    json: undefined,
    from: undefined,
    markdown: undefined,
  });
});

test('names and options may be mixed', () => {
  const request = parseBench([
    'getppid',
    '--rounds',
    '3',
    '--compare=a',
    'fork + exit',
    '--json',
    'b',
    '--markdown',
    'c',
  ]);
  assert.ok(request !== 'help');
  assert.deepEqual(
    request.rows.map(({ name }) => name),
    ['getppid', 'fork + exit + wait'],
  );
  assert.deepEqual(
    { ...request, rows: [] },
    {
      rows: [],
      rounds: 3,
      compare: 'a',
      json: 'b',
      from: undefined,
      markdown: 'c',
    },
  );
  assert.equal(parseBench(['-h']), 'help');
});

test('mistakes are one line', () => {
  for (const args of [
    ['--frobnicate'],
    ['frobnicate'],
    [''],
    ['--rounds', '0'],
    ['--rounds', 'many'],
    ['--rounds'],
    ['--compare'],
    ['--from', 'a', 'getppid'],
  ]) {
    assert.throws(
      () => parseBench(args),
      (error: Error) => error instanceof UsageError && !error.message.includes('\n'),
      args.join(' '),
    );
  }
});
