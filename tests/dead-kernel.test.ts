// SPDX-License-Identifier: MIT
/** A kernel that dies ends the machine with status 70 and a report, and leaves nothing hanging. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bash } from './harness/command.ts';

const deaths: readonly (readonly [how: string, key: string, report: readonly RegExp[]])[] = [
  ['a panic', 'c', [/sysrq triggered crash/, /in sysrq_handle_crash/, /Kernel panic - not syncing/]],
  ['an overflow of the engine stack', 'x', [/call stack/, /in recurse/, /Kernel panic - not syncing/]],
  // Whoever looks first: the end of the system call, or the scheduler, when a tick comes in between.
  [
    "an overflow of the kernel's own stack",
    'y',
    [/kernel stack overflow|corrupted stack end/, /Kernel panic - not syncing/],
  ],
];

for (const [how, key, report] of deaths) {
  test(`${how} is status 70 and a report`, async () => {
    const script = `./wasmlinux run sh -c 'echo before; echo ${key} >/proc/sysrq-trigger; echo after'`;
    const { status, stdout, stderr } = await bash(script);
    assert.deepEqual({ status, stdout }, { status: 70, stdout: 'before\n' }, stderr);
    assert.match(stderr, /^wasmlinux: the machine has died: /);
    for (const part of report) assert.match(stderr, part);
  });
}

test('a kernel that finds no program to run dies in the same way', async () => {
  const { status, stderr } = await bash('./wasmlinux --initramfs package.json run true');
  assert.equal(status, 70);
  assert.match(stderr, /^wasmlinux: the machine has died: .*\n(.*\n)*.*in kernel_init/);
});
