// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syscalls } from '../trace/syscalls.ts';
import { Syscall } from './syscall-numbers.ts';

test('every number is that of the table of all system calls', () => {
  const numbers = new Map(syscalls.map(({ name, nr }) => [name, nr]));
  for (const [name, number] of Object.entries(Syscall)) assert.equal(numbers.get(name), number, name);
});
