// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findCustomSection, writeModule } from '../wasm/module.ts';
import { fromSourceMap, type LineMark, lineMarks, toDwarf, toSourceMap } from './source-map.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-source-map-test-'));
after(() => rmSync(folder, { recursive: true }));

const at = (address: number, file: string, line: number): LineMark => ({ address, position: { file, line } });
const nothing = (address: number): LineMark => ({ address, position: undefined });

const MARKS = [
  at(0x10, 'a.c', 1),
  at(0x12, 'a.c', 100_000),
  at(0x1000, 'deep/b.h', 7),
  nothing(0x1004),
  at(0x1010, 'a.c', 99),
  at(0x200000, 'a.c', 64),
  nothing(0x200010),
];

test('lines survive a source map', () => {
  assert.deepEqual(fromSourceMap(toSourceMap(MARKS, 0x90), 0x90), MARKS);
  const { sources, mappings } = JSON.parse(toSourceMap([at(0x10, 'a.c', 1), at(0x12, 'b.c', 17)], 0));
  assert.deepEqual({ sources, mappings }, { sources: ['a.c', 'b.c'], mappings: 'gBAAA,ECgBA' });
});

test('code of no line is nothing known', () => {
  assert.deepEqual(fromSourceMap(toSourceMap([at(1, 'a.c', 5), at(2, 'a.c', 0), at(3, 'a.c', 6)], 0), 0), [
    at(1, 'a.c', 5),
    nothing(2),
    at(3, 'a.c', 6),
  ]);
});

test('lines survive DWARF, which the tools of LLVM read as we do', () => {
  const sections = toDwarf(MARKS);
  assert.deepEqual(
    lineMarks((name) => findCustomSection(sections, name)?.payload ?? new Uint8Array()),
    MARKS,
  );
  const file = join(folder, 'lines.wasm');
  writeFileSync(file, writeModule(sections));
  assert.match(execFileSync('llvm-dwarfdump-22', ['--verify', file], { encoding: 'utf8' }), /No errors/);
  const rows = execFileSync('llvm-dwarfdump-22', ['--debug-line', file], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => /^0x0*([0-9a-f]+) +(\d+) +0 +(\d+) .*$/.exec(line) ?? [])
    .filter((_, index) => index % 4 !== 0);
  assert.deepEqual(
    rows.slice(0, 9),
    [
      ['10', '1', '1'],
      ['12', '100000', '1'],
      ['1000', '7', '2'],
    ].flat(),
  );
});
