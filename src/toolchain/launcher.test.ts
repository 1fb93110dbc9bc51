// SPDX-License-Identifier: MIT
/**
 * bin/wasmlinux-cc and -c++ hand a compilation to clang without starting Node, which would take longer than clang. Here they stand in a
 * folder without Node's part, so that each call that needs it fails.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findCxx, findSysroot } from './sysroot.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-launcher-test-'));
after(() => rmSync(folder, { recursive: true }));

const bin = join(folder, 'bin');
mkdirSync(bin);
for (const name of ['wasmlinux-cc', 'wasmlinux-c++'])
  copyFileSync(fileURLToPath(new URL(`../../bin/${name}`, import.meta.url)), join(bin, name));
for (const [name, text] of Object.entries({
  'a.c': '#ifdef ONE\nint one(void) { return ONE; }\n#endif\n',
  'jumps.c':
    '#include <setjmp.h>\njmp_buf place;\nvoid next(void);\nint jumps(void) { if (setjmp(place)) return 1; next(); return 0; }\n',
  'b.cpp': '#include <vector>\nint size() { return std::vector<int>(3).size(); }\n',
  'folders.rsp': '-I/nowhere -isystem "/no where.d/c" -DONE=1 -Wall\n',
  'output.rsp': '-DONE=1 -o elsewhere.o\n',
  'sources.rsp': '-DONE=1 a.c\n',
}))
  writeFileSync(join(folder, name), text);

function run(command: string, ...args: string[]): { status: number | null; stderr: string } {
  const env = { ...process.env, WASMLINUX_SYSROOT: findSysroot(process.env), WASMLINUX_CXX: findCxx(process.env) };
  const { status, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env });
  return { status, stderr };
}

const DONE = { status: 0, stderr: '' };

test('a compilation needs no Node', () => {
  const cc = join(bin, 'wasmlinux-cc');
  for (const args of [
    ['-c', 'a.c'],
    ['-O2', '-MD', '-march=native', '-c', '-o', 'a.o', 'a.c'],
    ['-S', '-o', 'a.s', 'a.c'],
    ['-c', 'a.c', '@folders.rsp', '-o', 'one.o'],
    ['-c', 'jumps.c'],
  ])
    assert.deepEqual(run(cc, ...args), DONE, args.join(' '));
  assert.ok(readFileSync(join(folder, 'one.o'), 'latin1').includes('one'));
  assert.ok(readFileSync(join(folder, 'jumps.o'), 'latin1').includes('__sanitizer_cov_trace_pc'));
});

test('nor does one of C++, through whatever link', () => {
  symlinkSync('bin/wasmlinux-c++', join(folder, 'cxx'));
  for (const cxx of [join(bin, 'wasmlinux-c++'), './cxx'])
    assert.deepEqual(run(cxx, '-c', 'b.cpp', '-o', 'b.o'), DONE, cxx);
  assert.ok(existsSync(join(folder, 'b.o')));
});

test('a link does, and a response file that names an output or a source', () => {
  for (const args of [['a.c'], ['-c', 'a.c', '@output.rsp'], ['-c', '@sources.rsp'], ['-c', '@missing.rsp']])
    assert.notEqual(run(join(bin, 'wasmlinux-cc'), ...args).status, 0, args.join(' '));
});
