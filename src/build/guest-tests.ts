// SPDX-License-Identifier: MIT
/**
 * Step `guestTests`: the C programs that the tests run inside the guest. Output: a .wasm file for each of tests/guest/*.c, made
 * by wasmlinux-cc (those that share memory twice: NAME.marked.wasm has marks of its stores), in hostile/ the driver of tests/hostile, and in seed/ those of tests/seed, made by the plain tools, without
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

const ORDINARY: Readonly<Record<string, readonly string[]>> = { '': [] };
const SHARING: Readonly<Record<string, readonly string[]>> = {
  '': ['-Wl,--wasmlinux-no-mark-stores'],
  '.marked': ['-Wl,--wasmlinux-mark-stores'],
};

const sharesMemory = (name: string) => name.startsWith('shared-') || name === 'mapped-twice';

/** A test program's ways of being linked: what its module's name ends with, and the options of the link. */
export const guestTestVariants = (name: string): Readonly<Record<string, readonly string[]>> =>
  sharesMemory(name) ? SHARING : ORDINARY;

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
      const name = basename(source, '.c');
      for (const [suffix, options] of Object.entries(guestTestVariants(name))) {
        const module = join(context.out, folder, `${name}${suffix}.wasm`);
        await context.exec(compiler(context), ['-O2', ...options, '-o', module, join(context.root, source)], {
          env: compilerEnvironment(context),
        });
      }
    }
    mkdirSync(join(context.out, 'seed'));
    for (const source of globSync('tests/seed/*.c', { cwd: context.root })) {
      await compileSeed(context, join(context.root, source));
    }
  },
};
