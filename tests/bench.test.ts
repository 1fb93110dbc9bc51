// SPDX-License-Identifier: MIT
/** `npm run bench` as a user meets it. No figure is looked at: only that there is one on either side. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readResults } from '../bench/results.ts';
import { bash } from './harness/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-bench-'));
after(() => rmSync(folder, { recursive: true }));

const bench = (...args: readonly string[]) => bash('node src/build/bootstrap.mjs src/build/cli.ts bench "$@"', ...args);

test('a row is measured natively and in the guest, kept, compared and put into a document', async () => {
  const json = join(folder, 'bench.json');
  const document = join(folder, 'document.md');
  writeFileSync(document, '# Title\n\n<!-- npm run bench: begin -->\n<!-- npm run bench: end -->\n');
  const first = await bench('getppid', '--rounds', '1', '--json', json, '--markdown', document);
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /^syscalls .*native .*guest .*ratio/);
  assert.match(first.stdout, /\n {2}getppid +[0-9.]+ .s +[0-9.]+ .s +[0-9.]+/);
  const [row] = readResults(json).rows;
  assert.ok(row && row.guest.length === 1 && row.native.length === 1);
  assert.match(readFileSync(document, 'utf8'), /\n\| getppid \| /);

  const again = await bench('--from', json, '--compare', json);
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stdout, /getppid .* 0 %\n/);
});

test('a row that has become worse is named, with status 1', async () => {
  const row = { group: 'syscalls', name: 'getppid', unit: 'ns', reference: 'linux', native: [100, 100, 100] };
  const about = { format: 1, date: '2026-01-01T00:00:00.000Z', commit: 'abc', machine: {}, versions: {} };
  const write = (name: string, guest: number): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify({ ...about, rows: [{ ...row, guest: [guest, guest, guest] }] }));
    return path;
  };
  const then = write('then.json', 30);
  const now = write('now.json', 60);
  const { status, stdout, stderr } = await bench('--from', now, '--compare', then);
  assert.equal(status, 1);
  assert.match(stdout, /getppid .*\+100 % worse\n/);
  assert.equal(stderr, `bench: worse than in ${then}: getppid\n`);
});

test('mistakes on the command line are one line and status 2', async () => {
  for (const args of [
    ['--frobnicate'],
    ['frobnicate'],
    ['--rounds', '-1'],
    ['--compare', '/absent'],
    ['--compare', 'package.json'],
    ['--markdown', 'README.md'],
    ['--from', 'README.md'],
    ['--json', '/absent/bench.json'],
  ]) {
    const { status, stdout, stderr } = await bench(...args);
    assert.deepEqual({ args, status, stdout }, { args, status: 2, stdout: '' });
    assert.match(stderr, /^bench: [^\n]+\n$/);
  }
});
