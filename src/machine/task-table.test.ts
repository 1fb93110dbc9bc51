// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TaskTable } from './task-table.ts';

const TASKS = [0, 1024, 0x0010_0000, 0x0734_5c40, 0x0734_6040, -1024];

test('a table keeps one value for each task, 1 KiB apart, anywhere in 4 GiB', () => {
  const table = new TaskTable<string>();
  for (const task of TASKS) {
    assert.equal(table.get(task), undefined);
    table.set(task, `${task}`);
  }
  for (const task of TASKS) assert.equal(table.get(task), `${task}`);
  assert.deepEqual(table.values().sort(), TASKS.map(String).sort());
});

test('what is set to undefined or cleared is gone', () => {
  const table = new TaskTable<string>();
  for (const task of TASKS) table.set(task, 'here');
  table.set(1024, undefined);
  assert.equal(table.get(1024), undefined);
  assert.equal(table.values().length, TASKS.length - 1);
  table.clear();
  assert.deepEqual(table.values(), []);
  assert.equal(table.get(0), undefined);
});
