// SPDX-License-Identifier: MIT
/**
 * Step `guestTests`: the C programs that the tests run inside the guest. Output: a .wasm file for each of tests/guest/*.c, made
 * by wasmlinux-cc, in hostile/ the driver of tests/hostile, and in seed/ those of tests/seed, made by the plain tools, without
 * libc or start file.
 */
import { globSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TOOLS } from '../toolchain/target.ts';
import { compiler, compilerEnvironment, compilerInputs } from './compiler.ts';
import { libc } from './libc.ts';
import type { Step, StepContext } from './step.ts';

/** How a stranger may compile the seed: what the optimiser and -fPIC make of it differs. */
const SEED_FLAGS = { plain: [], optimised: ['-O2'], pic: ['-fPIC'] } as const;

async function compileSeed(context: StepContext, source: string): Promise<void> {
  const name = basename(source, '.c');
  for (const [variant, flags] of Object.entries(SEED_FLAGS)) {
    const object = join(context.work, `${name}-${variant}.o`);
    await context.exec(TOOLS.clang, ['--target=wasm32-unknown-unknown', ...flags, '-c', source, '-o', object]);
    const module = join(context.out, 'seed', `${name}-${variant}.wasm`);
    await context.exec(TOOLS.linker, ['--no-entry', '--export=__main_argc_argv', object, '-o', module]);
  }
}

export const guestTests: Step = {
  name: 'guestTests',
  title: 'test programs',
  needs: [libc],
  inputs: [
    { path: 'src/build/guest-tests.ts' },
    { path: 'tests/guest' },
    { path: 'tests/hostile/driver.c' },
    { path: 'tests/seed' },
    ...compilerInputs,
    { command: [TOOLS.clang, '--version'] },
  ],
  async run(context) {
    mkdirSync(join(context.out, 'hostile'));
    const sources = globSync(['tests/guest/*.c', 'tests/hostile/*.c'], { cwd: context.root }).sort();
    for (const [done, source] of sources.entries()) {
      context.progress(done, sources.length, basename(source));
      const folder = source.startsWith('tests/hostile') ? 'hostile' : '';
      const module = join(context.out, folder, `${basename(source, '.c')}.wasm`);
      await context.exec(compiler(context), ['-O2', '-o', module, join(context.root, source)], {
        env: compilerEnvironment(context),
      });
    }
    mkdirSync(join(context.out, 'seed'));
    for (const source of globSync('tests/seed/*.c', { cwd: context.root })) {
      await compileSeed(context, join(context.root, source));
    }
  },
};
