// SPDX-License-Identifier: MIT
/** Step `session`: /sbin/session, one C file. Output: session.wasm. */
import { join } from 'node:path';
import { compiler, compilerEnvironment, compilerInputs } from './compiler.ts';
import { libc } from './libc.ts';
import type { Step } from './step.ts';

export const session: Step = {
  name: 'session',
  title: '/sbin/session',
  needs: [libc],
  inputs: [{ path: 'src/build/session.ts' }, { path: 'programs/session' }, ...compilerInputs],
  async run(context) {
    const source = join(context.root, 'programs', 'session', 'session.c');
    const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-Wl,-z,stack-size=65536'];
    await context.exec(compiler(context), [...flags, '-o', join(context.out, 'session.wasm'), source], {
      env: compilerEnvironment(context),
    });
  },
};
