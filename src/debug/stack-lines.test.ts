// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { codeOffset, readModule, SECTION, writeModule } from '../wasm/module.ts';
import { CODE_OFFSET_SECTION, withCodeOffset } from './source-lines.ts';
import { StackReporter, wasmFrames } from './stack-lines.ts';

const SOURCE = `int zero;
static inline __attribute__((always_inline)) int quotient(int a) {
  return a / zero;
}
__attribute__((noinline)) int divide(int a) {
  return quotient(a) +
         1;
}
__attribute__((export_name("deep"))) int deep(int n) {
  if (n == 0) return divide(1) + 1;
  return deep(n - 1) + 1;
}
`;

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-stack-lines-test-'));
after(() => rmSync(folder, { recursive: true }));

/** A module without libc, named by its file. */
function build(name: string, source: string, ...flags: string[]): Uint8Array<ArrayBuffer> {
  writeFileSync(join(folder, 'source.c'), source);
  const all = ['--target=wasm32-unknown-unknown', '-O1', '-c', 'source.c', '-o', 'source.o', ...flags];
  execFileSync('clang-22', all, { cwd: folder });
  execFileSync('wasm-ld-22', ['--no-entry', 'source.o', '-o', name], { cwd: folder });
  return Uint8Array.from(readFileSync(join(folder, name)));
}

/** The error in which deep(n) ends. */
function trapOf(module: WebAssembly.Module, n: number): Error {
  const { deep } = new WebAssembly.Instance(module).exports;
  try {
    (deep as (n: number) => number)(n);
  } catch (error) {
    assert.ok(error instanceof WebAssembly.RuntimeError);
    return error;
  }
  throw new Error('it did not trap');
}

const LINES = [
  'quotient at source.c:3 (inlined)',
  'divide at source.c:6',
  'deep at source.c:10',
  'deep at source.c:11 (3 times)',
];

test('a stack shows lines, inlined functions, and a recursion as one line', () => {
  const bytes = build('a.wasm', SOURCE, '-g');
  const module = new WebAssembly.Module(bytes);
  const frames = wasmFrames(trapOf(module, 3));
  assert.deepEqual(new StackReporter().lines(frames, [{ module, codeOffset: codeOffset(bytes) }]), LINES);
});

test('a module can say itself where its code begins, as a kernel does', () => {
  const bytes = build('vmlinux.wasm', SOURCE, '-gline-tables-only');
  const module = new WebAssembly.Module(withCodeOffset(bytes));
  assert.equal(WebAssembly.Module.customSections(module, CODE_OFFSET_SECTION).length, 1);
  assert.deepEqual(new StackReporter().lines(wasmFrames(trapOf(module, 3)), [{ module }]), LINES);
});

test('without debug information there are names, and without names numbers', () => {
  const bytes = build('b.wasm', SOURCE);
  const module = new WebAssembly.Module(bytes);
  const report = (of: WebAssembly.Module) => new StackReporter().lines(wasmFrames(trapOf(of, 3)), [{ module: of }]);
  assert.deepEqual(report(module), ['divide', 'deep (4 times)']);
  const bare = readModule(bytes).filter(({ id }) => id !== SECTION.custom);
  const [first, second] = report(new WebAssembly.Module(writeModule(bare)));
  assert.match(first ?? '', /^wasm-function\[\d+\]$/);
  assert.match(second ?? '', /^(deep|wasm-function\[\d+\]) \(4 times\)$/);
});

test('of two modules of one name the one that has the function is asked', () => {
  const bytes = build('same.wasm', SOURCE, '-g');
  const other = build('same.wasm', '\n'.repeat(100) + SOURCE.replaceAll('divide', 'divine'), '-g');
  const modules = [other, bytes].map((each) => ({
    module: new WebAssembly.Module(each),
    codeOffset: codeOffset(each),
  }));
  const frames = wasmFrames(trapOf(new WebAssembly.Module(bytes), 0));
  assert.equal(new StackReporter().lines(frames, modules)[1], 'divide at source.c:6');
});

test('debug information that makes no sense is as good as none', () => {
  const bytes = build('c.wasm', SOURCE, '-g');
  const offset = codeOffset(bytes);
  for (const section of ['.debug_info', '.debug_abbrev', '.debug_line', '.debug_str', '.debug_ranges']) {
    for (let seed = 1; seed <= 50; seed++) {
      let state = seed;
      const sections = readModule(bytes).map((part) => {
        if (part.name !== section) return part;
        const payload = part.payload.slice(0, part.payload.length - (seed % 3));
        for (let change = 0; change < 1 + (seed % 5); change++) {
          state = (state * 1103515245 + 12345) % 2 ** 31;
          payload[state % payload.length] = state >> 8;
        }
        return { ...part, payload };
      });
      const module = new WebAssembly.Module(writeModule(sections));
      const lines = new StackReporter().lines(wasmFrames(trapOf(module, 0)), [{ module, codeOffset: offset }]);
      assert.match(lines.at(-1) ?? '', /^deep/, `${section} ${seed}`);
    }
  }
});
