// SPDX-License-Identifier: MIT
/**
 * The finding that this project began with: built with -fPIC the seed's program has a global more for each symbol whose address it
 * takes, and wasm2c makes a field of each. After our link it has the struct that docs/abi.md fixes, in WebAssembly it runs as before,
 * and as C natively.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../src/build/root.ts';
import { finishProgram } from '../src/toolchain/link.ts';
import { gotEntries } from '../src/wasm/fold-got.ts';
import { readModule } from '../src/wasm/module.ts';
import { bash } from './harness/command.ts';
import { builtFile } from './harness/guest.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-native-'));
after(() => rmSync(folder, { recursive: true }));

const linked = (variant: string) => readFileSync(builtFile('guestTests', `seed/hello-fd-${variant}.wasm`));

function finished(variant: string): string {
  const path = join(folder, `${variant}.wasm`);
  writeFileSync(
    path,
    finishProgram(linked(variant), {
      stackSize: 0,
      strip: 'nothing',
      polls: true,
      forkInHandlers: false,
      checkFork: false,
    }),
  );
  return path;
}

/** Makes C of a module; the path of program.c, with program.h beside it. */
async function translate(module: string, name: string): Promise<string> {
  const output = join(folder, name);
  const made = await bash(
    'mkdir "$1" && node node_modules/wabt/bin/wasm2c -n program "$2" -o "$1/program.c"',
    output,
    module,
  );
  assert.deepEqual(made, { status: 0, stdout: '', stderr: '' });
  return output;
}

/** The fields of the struct that stands for an instance, in its order. */
function fields(output: string): string[] {
  const header = readFileSync(join(output, 'program.h'), 'utf8');
  const body = /typedef struct w2c_program \{\n([^}]*)\}/.exec(header)?.[1] ?? '';
  return body
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim());
}

/** What docs/abi.md says of the profile "plain". */
const documented = /^```c\nstruct of a plain program[^\n]*\n([^`]*)```$/m
  .exec(readFileSync(join(root, 'docs/abi.md'), 'utf8'))?.[1]
  ?.split('\n')
  .filter((line) => line !== '')
  .map((line) => line.trim());

test('wasm-ld leaves a table in position-independent code, and our link does not', async () => {
  const before = gotEntries(readModule(linked('pic')));
  assert.ok(before.includes('GOT.func.internal.wasmlinux_syscall32'), before.join());
  const struct = fields(await translate(builtFile('guestTests', 'seed/hello-fd-pic.wasm'), 'unlinked'));
  assert.ok(
    struct.some((field) => field.includes('GOT')),
    struct.join('\n'),
  );
  assert.deepEqual(gotEntries(readModule(readFileSync(finished('pic')))), []);
});

for (const variant of ['plain', 'optimised', 'pic']) {
  test(`hello-fd.c, ${variant}, linked by us: runs here and natively, from the documented struct`, async () => {
    const module = finished(variant);
    const greeting = { status: 0, stdout: 'hello, world!\n', stderr: '' };
    assert.deepEqual(await bash('./wasmlinux run "$1"', module), greeting);
    const output = await translate(module, variant);
    assert.deepEqual(fields(output), documented);
    const compiled = await bash(
      'cc -O1 -o "$1/hello" -I"$1" -Itests/native "$1/program.c" tests/native/*.c -lm',
      output,
    );
    assert.deepEqual(
      { ...compiled, stderr: compiled.status === 0 ? '' : compiled.stderr },
      { status: 0, stdout: '', stderr: '' },
    );
    assert.deepEqual(await bash('"$1/hello"', output), greeting);
  });
}
