// SPDX-License-Identifier: MIT
/** The generated asm/host.h: that clang takes it, and that imports and exports get their names. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostImports, hostSpaceFields, kernelExports } from '../machine/kernel-interface.ts';
import { kernelHeader } from './kernel-header.ts';

/** Stands for the kernel's <linux/types.h>. */
const TYPES = `
typedef unsigned int u32;
typedef int s32;
#define __always_inline inline __attribute__((always_inline))
`;

test('a module that uses the header imports from "host" and exports by the names of the interface', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'host-header-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'linux'));
  writeFileSync(join(folder, 'linux/types.h'), TYPES);
  writeFileSync(join(folder, 'host.h'), kernelHeader());
  writeFileSync(
    join(folder, 'user.c'),
    `#include "host.h"
     _Static_assert(sizeof(struct host_space) == ${4 * hostSpaceFields.length}, "all fields are u32");
     _Static_assert(HOST_IRQ_POWER_BUTTON == 16 && HOST_HALT_PANIC == 4, "constants keep their values");
     void *wasm_scratch(void) { shim_clear(4096, 0, 1); host_idle(1.0); host_halt(0, 0, 0); }`,
  );
  const run = (command: string, ...args: string[]): void => {
    const { status, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  };
  run('clang-22', '--target=wasm32-unknown-unknown', '-nostdinc', '-Wall', '-Werror', '-I.', '-c', 'user.c');
  run('wasm-ld-22', '--no-entry', 'user.o', '-o', 'user.wasm');

  const module = new WebAssembly.Module(readFileSync(join(folder, 'user.wasm')));
  assert.deepEqual(
    WebAssembly.Module.imports(module)
      .map(({ module: from, name }) => `${from}.${name}`)
      .sort(),
    ['host.halt', 'host.idle'],
  );
  assert.ok(WebAssembly.Module.exports(module).some(({ name }) => name === 'scratch'));
});

test('every crossing is declared', () => {
  const header = kernelHeader();
  for (const name of Object.keys(hostImports))
    assert.match(header, new RegExp(`import_name\\("${name}"\\).*\n.* \\*?host_${name}\\(`));
  for (const name of Object.keys(kernelExports))
    assert.match(header, new RegExp(`export_name\\("${name}"\\).*\n.* \\*?wasm_${name}\\(`));
});
