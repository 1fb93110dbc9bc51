// SPDX-License-Identifier: MIT
/** The lines of real objects, at every byte of their code, against llvm-symbolizer. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { codeOffset, findSection, readModule, SECTION } from '../wasm/module.ts';
import { sourceLinesOf } from './source-lines.ts';

const MAIN = `#include "inner/sums.h"
int table[100];
static int outermost(int n) {
  int total = 0;
  for (int i = 0; i < n; i++) total += sum_to(table[i]) ^ square(i);
#line 4000 "generated.y"
  if (total > 50) total = checked(total, n);
  return total;
}
__attribute__((export_name("entry"))) int entry(int n) {
  return outermost(n) +
         outermost(n * 2);
}
static int unused(void) { return 3; }
`;
const HEADER = `static inline int square(int a) { return a * a; }
static inline int sum_to(int n) {
  int sum = 0;
  while (n > 0) {
    sum += square(n);
    n--;
  }
  return sum;
}
int checked(int, int);
`;
const OTHER = `__attribute__((noinline)) static int divide(int a, int b) { return a / b; }
int dropped(int a) { return a + 1; }
int checked(int a, int b) {
  if (b == 0) __builtin_trap();
  return divide(a, b);
}
`;

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-lines-test-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'inner'));
writeFileSync(join(folder, 'main.c'), MAIN);
writeFileSync(join(folder, 'inner', 'sums.h'), HEADER);
writeFileSync(join(folder, 'other.c'), OTHER);

interface Symbol {
  readonly FileName: string;
  readonly FunctionName: string;
  readonly Line: number;
}

/** What llvm-symbolizer says of each address: innermost first, of the outermost function no name, which it takes elsewhere. */
function symbolized(file: string, addresses: readonly number[]): string[] {
  const output = execFileSync(
    'llvm-symbolizer-22',
    [`--obj=${file}`, '--output-style=JSON', '--relativenames', '--no-demangle'],
    {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      input: addresses.map((a) => `0x${a.toString(16)}\n`).join(''),
    },
  );
  return output
    .trim()
    .split('\n')
    .map((line) => {
      const symbols: readonly Symbol[] = JSON.parse(line).Symbol ?? [];
      return describe(
        symbols.map((s) => ({ name: s.FunctionName, file: s.FileName.replace(/^\.\//, ''), line: s.Line })),
      );
    });
}

function describe(frames: readonly { name: string | undefined; file: string; line: number }[]): string {
  return frames
    .filter(({ file }) => file !== '')
    .map(({ name, file, line }, index) => `${index < frames.length - 1 ? name : ''}@${file}:${line}`)
    .join(' < ');
}

for (const flags of [
  ['-g', '-O0'],
  ['-g', '-O2'],
  ['-gdwarf-5', '-O2'],
  ['-gdwarf-5', '-O0', '-gsimple-template-names'],
  ['-gline-tables-only', '-O2'],
  ['-gline-tables-only', '-gdwarf-5', '-O1'],
]) {
  test(`each byte of code made with ${flags.join(' ')} comes from the line that llvm-symbolizer names`, () => {
    const objects = ['main', 'other'].map((name) => {
      const target = ['--target=wasm32-unknown-unknown', '-ffunction-sections', '-Wno-unused-function'];
      execFileSync('clang-22', [...target, ...flags, '-c', `${name}.c`, '-o', `${name}.o`], { cwd: folder });
      return `${name}.o`;
    });
    execFileSync('wasm-ld-22', ['--no-entry', '--gc-sections', ...objects, '-o', 'out.wasm'], { cwd: folder });
    const bytes = readFileSync(join(folder, 'out.wasm'));
    const offset = codeOffset(bytes);
    const length = findSection(readModule(bytes), SECTION.code)?.payload.length ?? 0;
    const addresses = Array.from({ length }, (_, address) => address).slice(1);
    const lines = sourceLinesOf(new WebAssembly.Module(bytes), offset);
    assert.ok(lines);
    const found = addresses.map((address) => describe(lines.framesAt(address + offset)));
    const expected = symbolized('out.wasm', addresses);
    assert.deepEqual(found, expected);
    for (const place of ['main.c:5', 'inner/sums.h:1', 'generated.y:4000', 'other.c:1']) {
      assert.ok(
        found.some((text) => text.includes(`@${place}`)),
        place,
      );
    }
  });
}

test('a module without debug information has no lines', () => {
  const target = ['--target=wasm32-unknown-unknown', '-c', 'other.c', '-o', 'bare.o'];
  execFileSync('clang-22', target, { cwd: folder });
  execFileSync('wasm-ld-22', ['--no-entry', '--export-all', 'bare.o', '-o', 'bare.wasm'], { cwd: folder });
  assert.equal(sourceLinesOf(new WebAssembly.Module(readFileSync(join(folder, 'bare.wasm'))), 0), undefined);
});
