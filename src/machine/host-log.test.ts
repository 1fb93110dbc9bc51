// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostLog } from './host-log.ts';

function makeLog() {
  const lines: string[] = [];
  const clock = { now: 0, monotonic: () => clock.now };
  return { lines, clock, log: new HostLog((line) => lines.push(line), clock) };
}

test('a flood is cut off, and counted', () => {
  const { lines, clock, log } = makeLog();
  for (let i = 0; i < 5000; i++) log.add(`line ${i}`);
  assert.equal(lines.length, 1000);
  clock.now = 6e9;
  log.add('later');
  assert.deepEqual(lines.slice(1000), ['4000 more lines were not shown', 'later']);
});

test('what a terminal would obey is shown as an escape', () => {
  const { lines, log } = makeLog();
  log.add('it imports env.\x1b[2J\x07\x9b, ünïcode, \u202e');
  assert.deepEqual(lines, ['it imports env.\\x1b[2J\\x07\\x9b, ünïcode, \\u{202e}']);
});
