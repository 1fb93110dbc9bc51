// SPDX-License-Identifier: MIT
/** docs/abi.md, what the code knows of it, and the programs of the default image say the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../src/build/root.ts';
import { abiExports, abiGlobals, abiImports } from '../src/process/abi-lists.ts';
import { inspectModule } from '../src/process/inspect.ts';
import { bash } from './harness/command.ts';
import { readCpio } from './harness/cpio-reader.ts';
import { builtFile } from './harness/guest.ts';

const document = readFileSync(join(root, 'docs/abi.md'), 'utf8');

/** The cells of one column of the table in the section with this title. */
function column(title: string, index: number): string[] {
  const section = document.split(/^###? /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((row) => row.split(' | ')[index]?.replace(/^\| /, '').trim() ?? '');
}

/** "asyncify_start_unwind, _stop_unwind" has two names. */
const names = (cells: readonly string[]) =>
  cells.flatMap((cell) => cell.split(', ').map((name) => name.replace(/^_(?=st)/, 'asyncify_')));

test('the lists of docs/abi.md are those that modules are held against', () => {
  assert.deepEqual(
    column('Imports, in this order', 1),
    abiImports.map(({ name }) => name),
  );
  const exports = column('Exports, in this order', 0).flatMap((cell) => {
    return cell.startsWith('asyncify_start') ? names([cell]) : cell.split(', ');
  });
  assert.deepEqual(
    exports,
    abiExports.map(({ name }) => name),
  );
  assert.deepEqual(
    column('Globals, in this order', 0).flatMap((cell) => cell.split(', ')),
    abiGlobals,
  );
});

test('no program of the default image has anything that is not in docs/abi.md', () => {
  const files = readCpio(readFileSync(builtFile('image', 'initramfs.cpio')));
  const programs = files.filter(({ data }) => Buffer.from(data.subarray(0, 4)).toString() === '\0asm');
  assert.ok(programs.length > 0);
  for (const { path, data } of programs) {
    assert.deepEqual(inspectModule(Uint8Array.from(data)).problems, [], path);
  }
});

test('inspect prints what a program is, and fails with --strict when it does not follow the ABI', async () => {
  const good = await bash('./wasmlinux inspect --strict "$1"', builtFile('guestTests', 'fork.wasm'));
  assert.equal(good.status, 0);
  assert.match(good.stdout, /^ABI version 1; fork: frames; preemption: polls; exceptions: \w+; stack: \d+ bytes$/m);
  const bad = await bash('./wasmlinux inspect --json --strict "$1"', builtFile('guestTests', 'seed/hello-pic.wasm'));
  assert.equal(bad.status, 1);
  assert.deepEqual(JSON.parse(bad.stdout)[0].profile, 'plain');
  assert.match(JSON.parse(bad.stdout)[0].problems[0], /GOT/);
});

for (const [script, message] of [
  ['./wasmlinux inspect', 'inspect: which file? (see wasmlinux --help)'],
  ['./wasmlinux inspect README.md', 'inspect: README.md: this is not a WebAssembly module'],
  ['./wasmlinux inspect missing.wasm', 'inspect: missing.wasm: no such file'],
  ['./wasmlinux inspect --jsn x', 'unknown option --jsn (did you mean --json?)'],
] as const) {
  test(`${script}: one line, status 2`, async () => {
    assert.deepEqual(await bash(script), { status: 2, stdout: '', stderr: `wasmlinux: ${message}\n` });
  });
}
