// SPDX-License-Identifier: MIT
/** Step `session`: /sbin/session. Output: session.wasm. */
import { readdirSync } from 'node:fs';
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
    const folder = join(context.root, 'programs', 'session');
    const sources = readdirSync(folder).filter((name) => name.endsWith('.c'));
    const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-Wl,-z,stack-size=65536'];
    await context.exec(
      compiler(context),
      [...flags, '-o', join(context.out, 'session.wasm'), ...sources.map((name) => join(folder, name))],
      {
        env: compilerEnvironment(context),
      },
    );
  },
};
