// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCpio } from '../../tests/harness/cpio-reader.ts';
import { type RunRequest, runRequestArchive } from './run-request.ts';

const files = (request: RunRequest): Record<string, string> =>
  Object.fromEntries(
    readCpio(runRequestArchive(request))
      .filter((entry) => entry.path.startsWith('run/host/'))
      .map((entry) => [entry.path.slice('run/host/'.length), new TextDecoder().decode(entry.data)]),
  );

test('a request becomes files under /run/host', () => {
  const request: RunRequest = {
    argv: ['sh', '-c', '', 'größer'],
    env: { A: 'b=c', EMPTY: '' },
    cwd: '/tmp',
    user: 'user:wheel',
    deadline: 1_800_000_000_000.6,
    root: 'tree',
    terminals: [0, 2],
    program: new Uint8Array([0x61]),
  };
  assert.deepEqual(files(request), {
    argv: 'sh\0-c\0\0größer\0',
    env: 'A=b=c\0EMPTY=\0',
    cwd: '/tmp',
    user: 'user:wheel',
    deadline: '1800000000001',
    root: 'tree',
    tty: '02',
    'program.wasm': 'a',
  });
});

test('a request without a command asks for a login shell', () => {
  assert.deepEqual(files({ terminals: [0, 1, 2], quiet: false }), { tty: '012' });
  assert.deepEqual(files({ terminals: [0, 1, 2], quiet: true }), { tty: '012', quiet: '' });
});

test('the program may be executed', () => {
  const program = readCpio(runRequestArchive({ program: new Uint8Array(1) })).find((entry) =>
    entry.path.endsWith('.wasm'),
  );
  assert.equal(program?.mode, 0o100755);
});

test('strings that Linux cannot pass on are refused', () => {
  assert.throws(() => runRequestArchive({ argv: ['a\0b'] }), TypeError);
  assert.throws(() => runRequestArchive({ env: { 'A=B': 'c' } }), TypeError);
  assert.throws(() => runRequestArchive({ cwd: '/\0' }), TypeError);
});
