// SPDX-License-Identifier: MIT
/** `npm run web` as a command; the page that it serves is tested in tests/page.test.ts. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { UsageError } from '../cli/usage-error.ts';
import { root } from '../build/root.ts';
import { parsePort } from './main.ts';

const web = (...args: string[]) =>
  spawn(process.execPath, ['src/build/cli.ts', 'web', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });

test('prints where the page is, serves it, and ends at Ctrl-C with status 0', async () => {
  const child = web();
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const url = /http:\/\/127\.0\.0\.1:[0-9]+\//.exec(line)?.[0] ?? '';
  assert.match(await (await fetch(url)).text(), /<title>WasmLinux<\/title>/);
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('a port in use is one line', async () => {
  await using other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const child = web('--port', String(port));
  const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  assert.equal(stderr.trim(), `port ${port} is in use: choose another one, or none for a free one (--port)`);
  assert.equal(status, 1);
});

test('a port is a number of a port', () => {
  assert.equal(parsePort([]), 0);
  assert.equal(parsePort(['--port', '8080']), 8080);
  for (const args of [['--port', 'x'], ['--port', '65536'], ['--port'], ['--prot', '1'], ['8080']]) {
    assert.throws(() => parsePort(args), UsageError, args.join(' '));
  }
});
