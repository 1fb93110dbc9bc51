// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session, SessionError } from './session.ts';

const shell = (script: string): Session => new Session('in a shell', 'sh', ['-c', script]);

test('a round is asked for by number and name, and answered with the time of one operation', async () => {
  const session = shell('while read -r n name; do [ "$name" = "a row, with spaces" ] && echo $((n * 500)); done');
  assert.equal(await session.round('a row, with spaces', 4), 500);
  assert.equal(await session.round('a row, with spaces', 1), 500);
  await session.end();
});

test('a program that ends says why, with the row and the side', async () => {
  const session = shell('read -r request; echo "no row $request" >&2; exit 1');
  await assert.rejects(session.round('getppid', 7), (error: Error) => {
    assert.ok(error instanceof SessionError);
    assert.equal(error.message, 'getppid, in a shell: no row 7 getppid');
    return true;
  });
});

test('an answer that is no time is a failure too', async () => {
  await assert.rejects(shell('read -r request; echo 0; read -r request').round('getppid', 1), SessionError);
});

test('a command that is not there is a failure with its name', async () => {
  await assert.rejects(new Session('natively', '/absent/program', []).round('getppid', 1), /absent\/program/);
});
