// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostCalls, MachineEnded, TaskEnded } from './host-calls.ts';
import { Irq } from './kernel-interface.ts';
import { KernelMemory } from './kernel-memory.ts';

const TASK = 4096;
const SPACE = 3;
const CALL = 256;

function serving() {
  const memory = new KernelMemory(65536);
  const raised: number[] = [];
  const calls = new HostCalls(memory, (lines) => raised.push(lines));
  return { memory, raised, calls, imports: calls.imports };
}

test('only a task that is awaited is taken', async () => {
  const { calls, imports } = serving();
  assert.equal(imports.call_attach(TASK, SPACE, 7), 0);
  const attached = calls.attached(7);
  assert.equal(imports.call_attach(TASK, SPACE, 7), 1);
  assert.equal((await attached).space, SPACE);
  assert.equal(imports.call_attach(TASK, SPACE, 7), 0);
  calls.attached(8);
  calls.forget(8);
  assert.equal(imports.call_attach(TASK, SPACE, 8), 0);
});

test('a call wakes its task, is taken once and resolves with the result', async () => {
  const { memory, raised, calls, imports } = serving();
  const attached = calls.attached(0);
  imports.call_attach(TASK, SPACE, 0);
  const task = await attached;
  assert.equal(imports.call_next(TASK, CALL), 0);
  const result = task.call(63, [1, 2, -1]);
  await assert.rejects(task.call(64, []), /another call/);
  assert.deepEqual(raised, [Irq.Call]);
  assert.equal(imports.call_event(), TASK);
  assert.equal(imports.call_event(), 0);
  assert.equal(imports.call_next(TASK, CALL), 1);
  assert.deepEqual([...memory.words(CALL, 7)], [63, 1, 2, 0xffffffff, 0, 0, 0]);
  assert.equal(imports.call_next(TASK, CALL), 0);
  imports.call_done(TASK, -2);
  assert.equal(await result, -2);
});

test('only a call under way is broken off', async () => {
  const { calls, imports } = serving();
  const attached = calls.attached(0);
  imports.call_attach(TASK, SPACE, 0);
  const task = await attached;
  task.breakOff();
  assert.equal(imports.call_event(), 0);
  const result = task.call(63, []);
  imports.call_next(TASK, CALL);
  assert.equal(imports.call_event(), TASK);
  task.breakOff();
  assert.equal(imports.call_event(), TASK | 1);
  // It has ended before the kernel asks.
  task.breakOff();
  imports.call_done(TASK, 0);
  await result;
  assert.equal(imports.call_event(), 0);
});

test('the end of a task, or of the machine, ends its call and all that follow', async () => {
  const { calls, imports } = serving();
  for (const token of [1, 2, 3]) calls.attached(token);
  const first = calls.attached(1);
  const second = calls.attached(2);
  imports.call_attach(TASK, SPACE, 1);
  imports.call_attach(2 * TASK, SPACE, 2);
  const call = (await first).call(93, []);
  imports.call_left(TASK);
  await assert.rejects(call, TaskEnded);
  await assert.rejects((await first).call(93, []), TaskEnded);
  const other = (await second).call(93, []);
  const third = calls.attached(3);
  calls.endAll();
  await assert.rejects(other, MachineEnded);
  await assert.rejects(third, MachineEnded);
});
