// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findCustomSection, writeModule } from '../wasm/module.ts';
import { type LineMark, lineMarks, toDwarf } from './line-marks.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-line-marks-test-'));
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
