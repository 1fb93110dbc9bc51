// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../src/build/root.ts';
import { COST_GROUPS, isProgramRow, ROWS, selectRows } from './rows.ts';

const names = (words: readonly string[]): string[] => {
  const rows = selectRows(words);
  assert.ok(typeof rows !== 'string');
  return rows.map((row) => row.name);
};

test('no word selects all, a group its rows, another word the rows with it, in the order of the table', () => {
  assert.equal(selectRows([]), ROWS);
  assert.deepEqual(
    names(['threads']),
    ROWS.filter((row) => row.group === 'threads').map((row) => row.name),
  );
  assert.deepEqual(names(['TCP', 'getppid']), ['getppid', 'TCP round trip', 'TCP, block of 64 KiB']);
});

test('a word that selects nothing is named', () => {
  assert.equal(selectRows(['getppid', 'frobnicate']), 'frobnicate');
});

test('the programs have the rows of the list', () => {
  const listed = ROWS.filter((row) => isProgramRow(row) && !row.cost).map((row) => row.name);
  const sources = globSync('bench/programs/{*,cpu/cpu}.{c,cpp}', { cwd: root });
  const had = sources.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/^\t\{ "(.*)", run_/gm)].map(([, name]) => name),
  );
  assert.deepEqual(had.toSorted(), listed.toSorted());
});

test('no two rows share a name', () => {
  assert.equal(new Set(ROWS.map((row) => row.name)).size, ROWS.length);
});

test('a row about a cost is of a row that is there, and of a group with a budget', () => {
  const costs = ROWS.filter((row) => row.cost);
  assert.ok(costs.length > 0);
  for (const { group, cost } of costs) {
    assert.ok(COST_GROUPS[group]);
    assert.ok(ROWS.some((row) => row.group === cost?.program && row.name === cost.row));
  }
});
