// SPDX-License-Identifier: MIT
/**
 * Step `headers`: the headers that the kernel exports to programs, by its own `make ARCH=wasm headers_install`. Output:
 * include/. libc is built against them and they become part of its sysroot.
 *
 * The kernel's patches touch no exported header, so only the part of the tree that the make target reads is unpacked.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LINUX_TARBALL_NAME, sourceLinux } from './debian/source-linux.ts';
import type { Step } from './step.ts';

const NEEDED = ['Kbuild', 'Kconfig', 'Makefile', 'include/asm-generic', 'include/uapi', 'scripts', 'usr'];

export const headers: Step = {
  name: 'headers',
  title: 'kernel headers',
  needs: [sourceLinux],
  inputs: [
    { path: 'src/build/headers.ts' },
    { path: 'kernel/arch/wasm/Makefile' },
    { path: 'kernel/arch/wasm/include/uapi' },
  ],
  async run(context) {
    const tree = join(context.work, 'linux');
    rmSync(tree, { recursive: true, force: true });
    mkdirSync(tree, { recursive: true });
    context.progress(0, 2, 'unpacking');
    await context.exec('tar', [
      '-xf',
      join(context.output(sourceLinux), LINUX_TARBALL_NAME),
      '--use-compress-program=xz -T0',
      '-C',
      tree,
      '--strip-components=1',
      '--no-same-owner',
      '--wildcards',
      '--no-wildcards-match-slash',
      ...NEEDED.map((path) => `*/${path}`),
    ]);
    for (const path of ['arch/wasm/Makefile', 'arch/wasm/include/uapi']) {
      cpSync(join(context.root, 'kernel', path), join(tree, path), { recursive: true });
    }
    context.progress(1, 2, 'installing');
    await context.exec('make', [
      '-C',
      tree,
      `-j${context.jobs}`,
      'ARCH=wasm',
      'headers_install',
      `INSTALL_HDR_PATH=${context.out}`,
    ]);
    rmSync(tree, { recursive: true });
  },
};
