// SPDX-License-Identifier: MIT
/**
 * The programs that this project began with: compiled and linked by the plain tools, with no libc, no start file and a memory
 * of their own; their one import is the system call.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bash } from './harness/command.ts';
import { builtFile } from './harness/guest.ts';

for (const variant of ['plain', 'optimised', 'pic']) {
  test(`hello.c, ${variant}: a call without descriptor fails, and the program ends well`, async () => {
    const program = builtFile('guestTests', `seed/hello-${variant}.wasm`);
    assert.deepEqual(await bash('./wasmlinux run "$1"', program), { status: 0, stdout: '', stderr: '' });
  });

  test(`hello-fd.c, ${variant}: with the descriptor it prints`, async () => {
    const program = builtFile('guestTests', `seed/hello-fd-${variant}.wasm`);
    assert.deepEqual(await bash('./wasmlinux run "$1"', program), { status: 0, stdout: 'hello, world!\n', stderr: '' });
  });
}
