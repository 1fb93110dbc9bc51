// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { it } from 'node:test';
import { takeLock } from './lock.ts';

const name = (what: string) => `test ${what} ${process.pid}`;

it('is held by one at a time; the other is told that it waits', async () => {
  const events: string[] = [];
  const first = await takeLock(name('one'), () => events.push('first waits'));
  const waits = Promise.withResolvers<void>();
  const second = takeLock(name('one'), waits.resolve).then((lock) => {
    events.push('second has it');
    return lock;
  });
  await waits.promise;
  events.push('first releases');
  await first.release();
  await (await second).release();
  assert.deepEqual(events, ['first releases', 'second has it']);
});

it('is released when the holder is killed', async () => {
  const script = `
    import { takeLock } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
    await takeLock(${JSON.stringify(name('killed'))}, () => {});
    console.log('held');
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const waits = Promise.withResolvers<void>();
  const lock = takeLock(name('killed'), waits.resolve);
  await waits.promise;
  holder.kill('SIGKILL');
  await (await lock).release();
});
