// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock, Sleep } from './clock.ts';

const sleepUntil = (sleep: Sleep, deadline: number) => new Promise<void>((wake) => sleep.until(deadline, wake));

test('the clock begins near zero and does not go back', () => {
  const clock = new Clock();
  let last = clock.monotonic();
  assert.ok(last >= 0 && last < 1e9);
  for (let i = 0; i < 1000; i++) {
    const now = clock.monotonic();
    assert.ok(now >= last);
    last = now;
  }
});

test('a sleep never ends before its deadline, however short or long', async () => {
  const clock = new Clock();
  const sleep = new Sleep(clock, setImmediate);
  for (const nanoseconds of [0, 1000, 300_000, 1_200_000, 2_900_000, 17_300_000]) {
    const deadline = clock.monotonic() + nanoseconds;
    await sleepUntil(sleep, deadline);
    assert.ok(clock.monotonic() >= deadline, `${nanoseconds} ns`);
  }
});

test('a sleep with a deadline in the past still gives the event loop a turn', async () => {
  const sleep = new Sleep(new Clock(), setImmediate);
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  await sleepUntil(sleep, -1);
  assert.ok(turned);
});

test('sleeps that microtasks end do not keep the event loop from its turns', async () => {
  const sleep = new Sleep(new Clock(), setImmediate);
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  for (let i = 0; i < 1_000_000 && !turned; i++) {
    queueMicrotask(() => sleep.wake());
    await sleepUntil(sleep, Number.POSITIVE_INFINITY);
  }
  assert.ok(turned);
});

test('a sleep without deadline ends when it is woken', async () => {
  const sleep = new Sleep(new Clock(), setImmediate);
  setImmediate(() => sleep.wake());
  await sleepUntil(sleep, Number.POSITIVE_INFINITY);
});

test('what is left of a woken sleep does not end the next one', async () => {
  const clock = new Clock();
  const sleep = new Sleep(clock, setImmediate);
  const short = sleepUntil(sleep, clock.monotonic() + 100_000);
  sleep.wake();
  await short;
  const deadline = clock.monotonic() + 5_000_000;
  await sleepUntil(sleep, deadline);
  assert.ok(clock.monotonic() >= deadline);
});

test('a cancelled sleep wakes nobody', async () => {
  const clock = new Clock();
  const sleep = new Sleep(clock, setImmediate);
  let woken = false;
  sleep.until(clock.monotonic() + 500_000, () => {
    woken = true;
  });
  sleep.cancel();
  await sleepUntil(new Sleep(clock, setImmediate), clock.monotonic() + 2_000_000);
  assert.equal(woken, false);
});
