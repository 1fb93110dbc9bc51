// SPDX-License-Identifier: MIT
/** The words for how conformance tests end, their topics, and the list of known results. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { knownResults } from './known-results.ts';
import { findTests, OUTCOMES, outcomeOf, topicOf } from './tests.ts';

test('statuses are those of the suite, and others are deaths', () => {
  assert.deepEqual(['0', '1', '2', '4', '5', '3', '139', 'late'].map(outcomeOf), [
    'PASS',
    'FAIL',
    'UNRESOLVED',
    'UNSUPPORTED',
    'UNTESTED',
    'DIED',
    'DIED',
    'HUNG',
  ]);
});

test('a known result is no plain PASS, and has a reason and a topic', () => {
  assert.ok(knownResults.size > 0);
  for (const [name, { outcome, or = [], reason }] of knownResults) {
    const ends = [outcome, ...or];
    assert.ok(ends.some((end) => end !== 'PASS') && ends.every((end) => OUTCOMES.includes(end)), name);
    assert.ok(reason.length > 5, name);
    assert.notEqual(topicOf(name), '', name);
  }
});

test('the output of the build step says what there is to run', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const add = (name: string, text: string): void => {
    mkdirSync(join(folder, 'conformance', name, '..'), { recursive: true });
    writeFileSync(join(folder, 'conformance', name), text);
  };
  add('interfaces/sem_wait/10-1.wasm', '');
  add('interfaces/sem_wait/2-1.wasm', '');
  add('interfaces/sem_wait/2-1.args', '7');
  add('definitions/sched_h/1-1.compiled', '');
  add('interfaces/fork/1-1.failed', 'it says why');
  assert.deepEqual(
    findTests(folder).map(({ name, arguments: args, outcome, output }) => [name, args, outcome, output]),
    [
      ['definitions/sched_h/1-1', '', 'PASS', ''],
      ['fork/1-1', '', 'BUILD', 'it says why'],
      ['sem_wait/2-1', '7', undefined, ''],
      ['sem_wait/10-1', '', undefined, ''],
    ],
  );
});
