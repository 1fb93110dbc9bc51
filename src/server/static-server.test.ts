// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { staticServer } from './static-server.ts';

let folder: string;
let server: Server;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wasmlinux-server-'));
  mkdirSync(join(folder, 'served'));
  writeFileSync(join(folder, 'secret'), 'secret');
  writeFileSync(join(folder, 'served', 'index.html'), '<p>');
  writeFileSync(join(folder, 'served', 'kernel-0123456789.wasm'), 'wasm');
  server = staticServer(join(folder, 'served'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** Sends a request line as it stands, which fetch would tidy, and returns the answer. */
async function ask(line: string): Promise<{ status: number; headers: Map<string, string>; body: string }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.end(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const [head = '', ...body] = (await text(socket)).split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((header) => header.split(': ', 2) as [string, string]);
  return { status: Number(first.split(' ')[1]), headers: new Map(headers), body: body.join('\r\n\r\n') };
}

test('a file comes with its type; one with a hash in its name may be kept for ever', async () => {
  const page = await ask('GET /');
  assert.deepEqual([page.status, page.body], [200, '<p>']);
  assert.equal(page.headers.get('Content-Type'), 'text/html; charset=utf-8');
  assert.equal(page.headers.get('Cache-Control'), 'no-cache');
  const kernel = await ask('GET /kernel-0123456789.wasm?query');
  assert.deepEqual([kernel.status, kernel.body], [200, 'wasm']);
  assert.equal(kernel.headers.get('Content-Type'), 'application/wasm');
  assert.match(kernel.headers.get('Cache-Control') ?? '', /immutable/);
});

test('HEAD is GET without the body', async () => {
  const { status, headers, body } = await ask('HEAD /kernel-0123456789.wasm');
  assert.deepEqual([status, headers.get('Content-Length'), body], [200, '4', '']);
});

test('nothing else of this machine is served, however it is asked for', async () => {
  const names = ['/../secret', '/%2e%2e/secret', '/served/../../secret', '//secret', '/index.html/..', '/%', '*'];
  for (const name of names) assert.equal((await ask(`GET ${name}`)).status, 404, name);
});

test('only GET and HEAD are answered', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await ask(`${method} /`);
    assert.deepEqual([status, headers.get('Allow')], [405, 'GET, HEAD']);
  }
});
