// SPDX-License-Identifier: MIT
/**
 * The kernel from inside: each program of tests/guest named here is compiled with bin/wasmlinux-cc, run as the one command of
 * a machine, and must exit with status 0. What it prints is the reason if it does not.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const root = join(import.meta.dirname, '..');
let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'guest-'));
});
after(() => rmSync(folder, { recursive: true }));

/** Compiles and runs a program of tests/guest; its output and its exit status. */
function runGuest(name: string): { output: string; status: number | null } {
  const program = join(folder, `${name}.wasm`);
  execFileSync(join(root, 'bin', 'wasmlinux-cc'), ['-O2', join(root, 'tests', 'guest', `${name}.c`), '-o', program]);
  const { stdout, stderr, status } = spawnSync(join(root, 'wasmlinux'), ['run', program], { encoding: 'utf8' });
  return { output: stdout + stderr, status };
}

const programs = {
  'kernel-features': 'the configured file systems, namespaces, controllers, devices and system calls are there',
  'memory-calls': 'mprotect, madvise, mincore, mlock, msync and process_vm_readv answer as with an MMU',
  'futex-keys': 'a futex is known by its address space or its file, and a wild one is an error',
  seccomp: 'seccomp filters refuse, trap and kill',
  'big-arguments': 'an exec takes 1.5 MB of arguments',
};

for (const [name, statement] of Object.entries(programs)) {
  test(statement, () => {
    assert.deepEqual(runGuest(name), { output: '', status: 0 });
  });
}
