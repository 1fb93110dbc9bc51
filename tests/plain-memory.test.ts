// SPDX-License-Identifier: MIT
/** A program without our libc grows its memory without asking the kernel: it is charged all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeResult, runGuest } from './harness/guest.ts';
import { assemble } from './harness/wat.ts';

/** Grows by so many pages of 64 KiB, makes a few system calls, and ends with 0. */
const growing = (pages: number): Uint8Array =>
  assemble(`(module
    (import "env" "wasmlinux_syscall32" (func $syscall (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "main") (param i32 i32) (result i32)
      (local $calls i32)
      (drop (memory.grow (i32.const ${pages})))
      (loop $again
        (drop (call $syscall (i32.const 173) (i32.const 0)))
        (br_if $again (i32.lt_u (local.tee $calls (i32.add (local.get $calls) (i32.const 1))) (i32.const 200))))
      (i32.const 0)))`);

test('what fits is charged and given back', async () => {
  const result = await runGuest(['grows'], { program: growing(160) });
  assert.equal(result.status, 0, describeResult(result));
});

test('what does not fit kills the program', async () => {
  const result = await runGuest(['grows'], { program: growing(4000) });
  assert.equal(result.status, 128 + 9, describeResult(result));
});
