// SPDX-License-Identifier: MIT
/**
 * Step `benchProgram`: bench/kernel.c twice, by the same clang at the same level: `native`, a static program of this machine,
 * and `guest.wasm`.
 */
import { join } from 'node:path';
import { TOOLS } from '../toolchain/target.ts';
import { compiler, compilerEnvironment, compilerInputs } from './compiler.ts';
import { libc } from './libc.ts';
import type { Step } from './step.ts';

export const benchProgram: Step = {
  name: 'benchProgram',
  title: 'bench program',
  needs: [libc],
  inputs: [{ path: 'src/build/bench-program.ts' }, { path: 'bench/kernel.c' }, ...compilerInputs],
  async run(context) {
    const source = join(context.root, 'bench', 'kernel.c');
    await context.exec(TOOLS.clang, ['-O2', '-static', source, '-o', join(context.out, 'native')]);
    await context.exec(compiler(context), ['-O2', source, '-o', join(context.out, 'guest.wasm')], {
      env: compilerEnvironment(context),
    });
  },
};
