// SPDX-License-Identifier: MIT
/** docs/abi.md, what the code knows of it, and the programs of the default image say the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../src/build/root.ts';
import { abiExports, abiGlobals, abiImports } from '../src/process/abi-lists.ts';
import { inspectModule } from '../src/process/inspect.ts';
import {
  type AbiNote,
  EXCEPTION_FLAVOUR,
  FORK_MODE,
  PREEMPTION_MODE,
  VERSION,
  withAbiNote,
} from '../src/wasm/abi-note.ts';
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

const exportRows = column('Exports, in this order', 0).map((cell) => {
  return cell.startsWith('asyncify_start') ? names([cell]) : cell.split(', ');
});

test('the lists of docs/abi.md are those that modules are held against', () => {
  assert.deepEqual(
    column('Imports, in this order', 1),
    abiImports.map(({ name }) => name),
  );
  assert.deepEqual(
    exportRows.flat(),
    abiExports.map(({ name }) => name),
  );
  assert.deepEqual(
    column('Globals, in this order', 0).flatMap((cell) => cell.split(', ')),
    abiGlobals,
  );
});

/** "(i32 number, i32 arguments) → i32" as inspect writes it, from the beginning of what a table has, and what a bare "table" is. */
function documentedTypes(cell: string): string[] {
  const types = cell.split(/, (?:or )?(?=\()/).flatMap((text) => /^(\(.*?\)) → (i32|\(\))/.exec(text) ?? []);
  if (types.length === 0) return [/^(?:mutable i32 global|memory|table)/.exec(cell)?.[0] ?? cell];
  const signatures = types.filter((_, index) => index % 3 === 0);
  return signatures.map((text) => text.replaceAll(/(i32) \w+/g, '$1').replace('→', '->'));
}

test('they have the same types', () => {
  assert.deepEqual(
    column('Imports, in this order', 2).map(documentedTypes),
    abiImports.map(({ type }) => {
      const list = (types: readonly number[]) => types.map(() => 'i32').join(', ');
      return [type ? `(${list(type.params)}) -> ${list(type.results)}` : 'memory'];
    }),
  );
  const types = column('Exports, in this order', 1).map(documentedTypes);
  const documented = exportRows.flatMap((all, row) => {
    const listed = types[row] ?? [];
    const hasTypeForEach = all.length > 2;
    return all.map((name, index) => ({ name, types: hasTypeForEach ? [listed[index]] : listed }));
  });
  assert.deepEqual(documented, abiExports);
});

test('the bytes of the note are those of the document', () => {
  const section = document.split(/^## /m).find((text) => text.startsWith('The custom section')) ?? '';
  const rows = [...section.matchAll(/^\| (\d+) \| (\d+) \| (.*) \|$/gm)].map(([, at, size, text = '']) => ({
    at: Number(at),
    size: Number(size),
    text,
  }));
  const modes = { fork: FORK_MODE, preemption: PREEMPTION_MODE, exceptions: EXCEPTION_FLAVOUR };
  for (const [name, values] of Object.entries(modes)) {
    const numbers = rows.find(({ text }) => text.startsWith(`${name}: `))?.text.match(/(?<=[ :,]) ?\d(?= )/g);
    assert.deepEqual(numbers?.map(Number), Object.values(values), name);
  }
  assert.match(rows[0]?.text ?? '', new RegExp(`ABI version: ${VERSION}$`));
  // each row begins where the last one ends, and together they are the section
  const ends = rows.map(({ at, size }) => at + size);
  assert.deepEqual(
    rows.map(({ at }) => at),
    [0, ...ends.slice(0, -1)],
  );
  const note = { version: VERSION, fork: 1, preemption: 2, exceptions: 2, stackSize: 0x01020304, cards: 0x05060708 };
  const payload = withAbiNote([], note as AbiNote)[0]?.payload ?? new Uint8Array();
  assert.equal(payload.length, ends.at(-1));
  const at = (row: number) => Buffer.from(payload).readUIntLE(rows[row]?.at ?? 0, rows[row]?.size ?? 0);
  assert.deepEqual(
    rows.map((_, row) => at(row)),
    [VERSION, 1, 2, 2, 0, 0x01020304, 0x05060708],
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
