// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { syscalls } from '../trace/syscalls.ts';
import { Syscall } from './syscall-numbers.ts';

test('every number is that of the table of all system calls', () => {
  const numbers = new Map(syscalls.map(({ name, nr }) => [name, nr]));
  for (const [name, number] of Object.entries(Syscall)) assert.equal(numbers.get(name), number, name);
});

test('the names are those of the table of all system calls', () => {
  const text = readFileSync(new URL('./system-call-name.ts', import.meta.url), 'utf8');
  const names = [...text.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, name]) => name);
  assert.deepEqual(names, syscalls.map(({ name }) => name).sort());
});
