// SPDX-License-Identifier: MIT
/**
 * The C programs of tests/guest, each inside a machine of its own. A program passes when its status is 0; the lines "ok N - what"
 * and "not ok N - what" that most print say what holds and what does not.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { guestTestVariants } from '../src/build/guest-tests.ts';
import { root } from '../src/build/root.ts';
import { file } from '../src/image/cpio.ts';
import { builtFile, describeResult, runGuest } from './harness/guest.ts';

const sources = globSync('tests/guest/*.c', { cwd: root }).map((source) => basename(source, '.c'));
assert.ok(sources.length > 0);
const programs = sources.flatMap((name) => Object.keys(guestTestVariants(name)).map((suffix) => name + suffix));

/** A thousand processes want half a gigabyte, nine with 64 MiB two thirds of one. All of it is compared where stores leave no marks. */
const larger: Readonly<Record<string, { readonly args: readonly string[]; readonly memory: number }>> = {
  'shared-segment': { args: ['1000'], memory: 1 << 30 },
  'shared-segment.marked': { args: [], memory: 1 << 30 },
  starvation: { args: ['1000'], memory: 1 << 30 },
};

for (const name of programs.sort()) {
  test(name, async () => {
    const program = readFileSync(builtFile('guestTests', `${name}.wasm`));
    // In the guest's own file system, under its own name: some execute themselves again.
    const { args = [], memory } = larger[name] ?? {};
    const files = [file(`usr/bin/${name}`, program, 0o755)];
    const result = await runGuest([`/usr/bin/${name}`, ...args], memory ? { files, memory } : { files });
    assert.ok(!/^not ok/m.test(result.stdout), describeResult(result));
    assert.equal(result.status, 0, describeResult(result));
    const plan = /^1\.\.(\d+)$/m.exec(result.stdout);
    if (plan) assert.equal(result.stdout.match(/^ok /gm)?.length, Number(plan[1]), describeResult(result));
  });
}
