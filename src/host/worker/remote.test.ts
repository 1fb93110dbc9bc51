// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinuxError } from '../../task/linux-error.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { RemoteCaller, RemoteServer } from './remote.ts';

class Service {
  readonly bytes = new Uint8Array(16).fill(7);

  async add(a: number, b: number): Promise<number> {
    return a + b;
  }
  async take(): Promise<{ whole: Uint8Array; part: Uint8Array }> {
    return { whole: this.bytes, part: this.bytes.subarray(0, 4) };
  }
  async fail(how: string): Promise<void> {
    if (how === 'linux') throw new LinuxError(2, 'rename', '/from', '/to');
    throw how === 'type' ? new TypeError('wrong') : new Error('other');
  }
  async wait(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('cancelled'))));
  }
}

/** Both ends, with what crosses copied as between threads. */
function connected() {
  const moved: ArrayBuffer[][] = [];
  const sent: ToWorker[] = [];
  const server = new RemoteServer(Promise.resolve([{}, new Service()]), (message: FromWorker, transfer = []) => {
    moved.push(transfer);
    const copy = structuredClone(message, { transfer });
    if (copy.kind === 'reply' || copy.kind === 'failure') queueMicrotask(() => caller.receive(copy));
  });
  const caller = new RemoteCaller<Service>((message) => {
    sent.push(message);
    if (message.kind === 'request' || message.kind === 'cancel') void server.receive(structuredClone(message));
  });
  return { caller, moved, sent };
}

test('a method is called and its result comes back; many at a time', async () => {
  const { caller } = connected();
  assert.deepEqual(await Promise.all([1, 2, 3].map((n) => caller.call('add', [n, n]))), [2, 4, 6]);
});

test('bytes that have a buffer of their own are moved, parts of one are not', async () => {
  const { caller, moved } = connected();
  const { whole, part } = await caller.call('take', []);
  assert.deepEqual([whole.length, part.length], [16, 4]);
  assert.deepEqual(
    moved.map((buffers) => buffers.length),
    [1],
  );
});

test('errors come as what they are', async () => {
  const { caller } = connected();
  await assert.rejects(caller.call('fail', ['linux']), (error: unknown) => {
    assert.ok(error instanceof LinuxError);
    const { code, errno, syscall, path, dest } = error;
    assert.deepEqual(
      { code, errno, syscall, path, dest },
      { code: 'ENOENT', errno: 2, syscall: 'rename', path: '/from', dest: '/to' },
    );
    return true;
  });
  await assert.rejects(caller.call('fail', ['type']), TypeError);
  await assert.rejects(caller.call('fail', ['any']), { name: 'Error', message: 'other' });
});

test('an abort is passed on, and its reason is the rejection', async () => {
  const { caller, sent } = connected();
  const controller = new AbortController();
  const waiting = caller.call('wait', [], controller.signal);
  const reason = new Error('enough');
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  await assert.rejects(caller.call('wait', [], controller.signal), reason);
  assert.deepEqual(
    sent.map(({ kind }) => kind),
    ['request', 'cancel'],
  );
});

test('after the end nothing waits', async () => {
  const { caller, sent } = connected();
  const waiting = caller.call('wait', []);
  const end = new Error('over');
  caller.end(end);
  await assert.rejects(waiting, end);
  await assert.rejects(caller.call('add', [1, 2]), end);
  assert.equal(sent.length, 1);
});
