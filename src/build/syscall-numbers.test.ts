// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syscallHeader } from './syscall-numbers.ts';

test('numbers are listed in order, with the names that musl has for some', () => {
  const macros = `#define __NR_write 64
#define __NR_futex_time64 422
#define __NR_llseek 62
#define __NR_syscalls 463
#define __WASM 1
`;
  assert.equal(
    syscallHeader(macros),
    `#define __NR__llseek 62
#define __NR_llseek 62
#define __NR_write 64
#define __NR_nanosleep 101
#define __NR_futex 422
#define __NR_futex_time64 422
`,
  );
});

test('a kernel without a call that musl needs is refused', () => {
  assert.throws(() => syscallHeader('#define __NR_write 64\n'), /__NR_llseek/);
});
