// SPDX-License-Identifier: MIT
/**
 * Each tests/guest/NAME.sh, run by the guest's sh in a machine of its own, or NAME.bash, run by bash, prints NAME.expected: fork, exec, pipes, signals,
 * files, text, accounts, network and so on, as programs meet them. What is expected was checked against the tools' documentation
 * and, where it has the same tool, a native Linux.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { test } from 'node:test';
import { root } from '../src/build/root.ts';
import { describeResult, runGuest } from './harness/guest.ts';

const folder = join(root, 'tests', 'guest');
const scripts = globSync('*.{sh,bash}', { cwd: folder }).sort();
assert.ok(scripts.length > 0);

for (const script of scripts) {
  const { name, ext } = parse(script);
  const source = readFileSync(join(folder, script), 'utf8');
  test(`${name}: ${/^# (.*)$/m.exec(source)?.[1]}`, async () => {
    const result = await runGuest([ext.slice(1), '-s'], { stdin: source });
    assert.equal(result.stdout, readFileSync(join(folder, `${name}.expected`), 'utf8'), describeResult(result));
    assert.equal(result.status, 0, describeResult(result));
  });
}
