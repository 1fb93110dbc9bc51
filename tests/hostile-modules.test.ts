// SPDX-License-Identifier: MIT
/**
 * Hostile modules die alone: every one of tests/hostile/modules.ts is executed in one machine, ends as it should, and leaves a
 * machine in which a program runs and other memory is as it was.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { file } from '../src/image/cpio.ts';
import { describeResult, runGuest } from './harness/guest.ts';
import { DRIVER, driverProgram, encodeInput } from './hostile/driver.ts';
import { type HostileModule, hostileModules, nastyNames } from './hostile/modules.ts';

async function run(modules: readonly HostileModule[]) {
  const inputs = modules.map(({ bytes, killed = false }) => encodeInput({ module: bytes, killed }));
  return runGuest([`/${DRIVER}`], { stdin: Buffer.concat(inputs), files: [file(DRIVER, driverProgram(), 0o755)] });
}

test('every hostile module ends as it should, and the machine goes on', async () => {
  const result = await run(hostileModules);
  const lines = result.stdout.split('\n');
  const found = hostileModules.map(({ name }, i) => `${name}: ${lines[i] ?? 'nothing'}`);
  const wanted = hostileModules.map(({ name, ends }) => `${name}: ${ends}`);
  assert.deepEqual(found, wanted, describeResult(result));
  assert.equal(result.status, 0, describeResult(result));
  const log = result.stderr.split('\n');
  for (const { name, log: wanted } of hostileModules) {
    if (wanted)
      assert.ok(
        log.some((line) => wanted.test(line)),
        `${name}: the log lacks ${wanted}`,
      );
  }
});

test('no name that a program has made up reaches a terminal as it is', async () => {
  const { stderr, console } = await run(nastyNames);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  const obeyed = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;
  assert.doesNotMatch(stderr, obeyed);
  assert.doesNotMatch(console, obeyed);
  assert.match(console, /\\x1b\]0;owned\\x07/);
});
