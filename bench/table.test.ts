// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeResults, measurement } from './results.ts';
import type { Row } from './rows.ts';
import { markdownTable, textTable } from './table.ts';

const linux: Row = { group: 'syscalls', name: 'getppid', unit: 'ns', reference: 'linux', budget: 0.4 };
const about = {
  date: '2026-01-02T03:04:05.000Z',
  commit: 'abcdef0',
  machine: { processor: 'A processor', processors: '2 processors' },
  versions: { Node: 'v26.0.0' },
};
const cpu = (name: string): Row => ({ group: 'cpu', name, unit: 'ns', reference: 'linux' });
const results = makeResults(about, [
  measurement({ ...linux, group: 'boot', name: 'prompt', reference: 'node', budget: 250e6 }, [180e6], [40e6]),
  measurement(linux, [27, 27.54, 30], [80, 80, 80]),
  measurement({ ...linux, name: 'statx', budget: 0.2 }, [50], [100]),
  measurement(cpu('one'), [200], [100]),
  measurement(cpu('two'), [800], [100]),
  measurement({ group: 'download', name: 'kernel', unit: 'bytes', reference: 'none' }, [2_400_000]),
]);

test('a terminal gets aligned columns, a block a group, and a note on what is not native Linux', () => {
  assert.equal(
    textTable(results),
    `\
boot              native    guest  ratio  noise       budget
  prompt          40 ms*   180 ms   4.50              250 ms

syscalls          native    guest  ratio  noise       budget
  getppid          80 ns    27 ns   0.34    1 %         0.40
  statx           100 ns    50 ns   0.50         0.20 missed

cpu               native    guest  ratio  noise       budget
  one             100 ns   200 ns   2.00
  two             100 ns   800 ns   8.00
  geometric mean                    4.00

download          native    guest  ratio  noise       budget
  kernel                  2.40 MB

* a bare Node: start to exit, or its memory; a yardstick for the machine, not native Linux
`,
  );
});

test('an earlier run stands beside, with what has changed', () => {
  const before = makeResults(about, [measurement(linux, [20, 20, 20], [80, 80, 80])]);
  const [, getppid] = textTable(makeResults(about, [measurement(linux, [27, 27, 27], [80, 80, 80])]), before).split(
    '\n',
  );
  assert.equal(getppid?.replaceAll(/ +/g, ' '), ' getppid 80 ns 27 ns 0.34 0 % 0.40 0.25 +35 % worse');
  const [, statx] = textTable(makeResults(about, [measurement({ ...linux, name: 'statx' }, [1], [10])]), before).split(
    '\n',
  );
  assert.equal(statx?.replaceAll(/ +/g, ' '), ' statx 10 ns 1 ns 0.10 0.40');
});

test('Markdown says where and when', () => {
  const text = markdownTable(makeResults(about, results.rows.slice(1, 3)));
  assert.equal(
    text,
    `\
Commit abcdef0, 2026-01-02: A processor, 2 processors, Node v26.0.0.

| **syscalls** | native | guest | ratio | noise | budget |
| --- | ---: | ---: | ---: | ---: | ---: |
| getppid | 80 ns | 27 ns | 0.34 | 1 % | 0.40 |
| statx | 100 ns | 50 ns | 0.50 |  | 0.20 missed |
`,
  );
});

test('what something costs stands beside the same program without it, and the mean has a budget', () => {
  const polls = (name: string): Row => ({ group: 'polls', name, unit: 'ns', reference: 'without', budget: 1.15 });
  const text = textTable(
    makeResults(about, [
      measurement(polls('polls: lua'), [110], [100]),
      measurement(polls('polls: sort'), [240], [200]),
    ]),
  );
  assert.equal(
    text,
    `\
polls             without    with  ratio  noise       budget
  polls: lua       100 ns  110 ns   1.10                1.15
  polls: sort      200 ns  240 ns   1.20         1.15 missed
  geometric mean                    1.15         1.07 missed
`,
  );
});
