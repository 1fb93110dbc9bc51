// SPDX-License-Identifier: MIT
/** What is said about a program that dies of a trap: function, file and line of each frame, when it was built with -g. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../src/build/root.ts';
import { bash } from './harness/command.ts';
import { runGuest } from './harness/guest.ts';

/** Dies three calls deep, each time in another way; with FORK it can fork, and does. */
const PROGRAM = `#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
volatile int zero;
static inline int quotient(int a, int b) { return a / b; }
__attribute__((noinline)) static int divide(int a) {
  int b = zero;
  return quotient(a, b) +
         1;
}
__attribute__((noinline)) static int wild(int a) {
  int *volatile pointer = (int *)0xfffffff0;
  *pointer = a;
  return 0;
}
__attribute__((noinline)) static int never(int a) {
  if (a > 0)
    __builtin_trap();
  return 0;
}
__attribute__((noinline)) static int middle(int which, int a) {
  switch (which) {
  case 0: return divide(a) + 1;
  case 1: return wild(a) + 1;
  default: return never(a) + 1;
  }
}
__attribute__((noinline)) static int outer(int which, int a) {
  return
    middle(which, a) + 1;
}
int main(int argc, char **argv) {
#ifdef FORK
  if (fork() > 0) { wait(0); return 0; }
#endif
  return outer(atoi(argv[1]), argc) + 1;
}
`;

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-source-lines-test-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'dies.c'), PROGRAM);

function compile(...flags: string[]): Uint8Array {
  const cc = join(root, 'bin', 'wasmlinux-cc');
  execFileSync(cc, [...flags, 'dies.c', '-o', 'dies'], { cwd: folder });
  return readFileSync(join(folder, 'dies'));
}

/** What the kernel's log says of the death, down to main. */
async function report(program: Uint8Array, which: number): Promise<string[]> {
  const { console, status } = await runGuest(['dies', String(which)], { program });
  assert.ok(status !== 1, console);
  const lines = console.split(/\r?\n/).map((line) => line.replace(/^\[[ \d.]+\] (.*\[\d+\]: )?/, ''));
  const begin = lines.findIndex((line) => /signal \d+: /.test(line));
  return lines
    .slice(begin, lines.findIndex((line, at) => at > begin && / in main/.test(line)) + 1)
    .map((line) => line.trim());
}

const deaths = [
  ['signal 8: divide by zero', ['in divide at dies.c:8'], 'in middle at dies.c:23'],
  ['signal 11: memory access out of bounds', ['in wild at dies.c:13'], 'in middle at dies.c:24'],
  ['signal 4: unreachable', ['in never at dies.c:18'], 'in middle at dies.c:25'],
] as const;

for (const flags of [
  ['-g', '-O0'],
  ['-g', '-O2'],
  ['-gdwarf-5', '-O2'],
  ['-gline-tables-only', '-O1'],
]) {
  test(`a program built with ${flags.join(' ')} dies with its lines`, async () => {
    const program = compile(...flags);
    for (const [which, [reason, inner, middle]] of deaths.entries()) {
      const found = await report(program, which);
      const inlined = which === 0 ? found.filter((line) => /in quotient at dies\.c:5/.test(line)) : [];
      assert.equal(inlined.length, which === 0 ? 1 : 0, found.join('\n'));
      assert.deepEqual(
        found.filter((line) => !inlined.includes(line)),
        [reason, ...inner, middle, 'in outer at dies.c:30', 'in main at dies.c:36'],
      );
    }
  });
}

test('the command says on standard error what its program died of, unless it is to be quiet', async () => {
  const program = join(folder, 'said.wasm');
  writeFileSync(program, compile('-g', '-O1', '-fno-inline'));
  const loud = await bash('./wasmlinux run "$1" 0', program);
  assert.equal(loud.status, 128 + 8);
  assert.match(
    loud.stderr,
    /^wasmlinux: \S*said\.wasm: signal 8: divide by zero\n(.*\n)? {2}in divide at dies\.c:8\n(.*\n)* {2}in main at dies\.c:\d+\n/,
  );
  assert.deepEqual(await bash('./wasmlinux -q run "$1" 0', program), { status: 128 + 8, stdout: '', stderr: '' });
});

test('a program without -g dies with its functions', async () => {
  const found = await report(compile('-O2'), 0);
  assert.deepEqual(found, ['signal 8: divide by zero', 'in divide', 'in middle', 'in outer', 'in main']);
});

test('a forked child dies with its lines, but those of inlined functions stand in their callers', async () => {
  const found = await report(compile('-g', '-O2', '-DFORK'), 0);
  assert.deepEqual(found, [
    'signal 8: divide by zero',
    'in divide at dies.c:5',
    'in middle at dies.c:23',
    'in outer at dies.c:30',
    'in main at dies.c:36',
  ]);
});
