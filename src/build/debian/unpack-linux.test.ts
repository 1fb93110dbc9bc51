// SPDX-License-Identifier: MIT
/** Unpacking, with a tarball of a few files in the place of Linux. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { build } from '../engine.ts';
import type { Step } from '../step.ts';
import { LINUX_TARBALL_NAME } from './source-linux.ts';
import { unpackLinux } from './unpack-linux.ts';

it('unpacks what a build for wasm reads, and again only for another tarball', async () => {
  const root = mkdtempSync(join(tmpdir(), 'wasmlinux-unpack-'));
  try {
    const needed = [
      'Kconfig',
      'arch/arm/crypto/Kconfig',
      'arch/x86/entry/syscalls/syscall_32.tbl',
      'drivers/gpu/Kconfig',
    ];
    const leftOut = ['arch/arm/mm/fault.c', 'arch/um/include/a.h', 'drivers/gpu/drm/amd/a.h', 'tools/perf/Makefile'];
    for (const file of [...needed, ...leftOut]) {
      mkdirSync(join(root, 'linux-source-6.12', file, '..'), { recursive: true });
      writeFileSync(join(root, 'linux-source-6.12', file), '');
    }
    execFileSync('tar', ['-cJf', 'linux.tar.xz', 'linux-source-6.12'], { cwd: root });

    let tree = '';
    const source = (version: string): Step => ({
      name: 'sourceLinux',
      title: 'Linux source',
      needs: [],
      inputs: [{ text: version }],
      run: async (context) => symlinkSync(join(root, 'linux.tar.xz'), join(context.out, LINUX_TARBALL_NAME)),
    });
    const unpack = async (version: string, change: string) => {
      const sourceLinux = source(version);
      const kernel: Step = {
        name: 'kernel',
        title: 'kernel',
        needs: [sourceLinux],
        inputs: [{ text: change }],
        async run(context) {
          tree = await unpackLinux(context, sourceLinux, 'linux');
        },
      };
      await build([kernel], { root, cache: join(root, 'cache'), screen: { write: () => {} } });
    };

    await unpack('6.12.1', 'a');
    const present = [...needed, ...leftOut].filter((file) => existsSync(join(tree, file)));
    assert.deepEqual(present, needed);
    writeFileSync(join(tree, 'overlay.c'), '');
    await unpack('6.12.1', 'b');
    assert(existsSync(join(tree, 'overlay.c')));
    await unpack('6.12.2', 'b');
    assert(!existsSync(join(tree, 'overlay.c')));
    assert(existsSync(join(tree, 'Kconfig')));
  } finally {
    rmSync(root, { recursive: true });
  }
});
