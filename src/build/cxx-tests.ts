// SPDX-License-Identifier: MIT
/**
 * Step `cxxTests`: the C++ programs of tests/cxx, each twice from one source: native/NAME by this machine's g++ and guest/NAME.wasm
 * by wasmlinux-c++. A program whose first lines say `guest only` has no native counterpart.
 */
import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TOOLS } from '../toolchain/target.ts';
import { compilerInputs, cxxCompiler, cxxCompilerEnvironment } from './compiler.ts';
import { testPackages } from './debian/packages.ts';
import { libc } from './libc.ts';
import { libcxx } from './libcxx.ts';
import { inParallel } from './parallel.ts';
import type { Step } from './step.ts';

const GUEST_ONLY = /^\/\/.*guest only/m;

export const cxxTests: Step = {
  name: 'cxxTests',
  title: 'C++ test programs',
  needs: [libc, libcxx, testPackages],
  inputs: [
    { path: 'src/build/cxx-tests.ts' },
    { path: 'src/build/parallel.ts' },
    { path: 'tests/cxx' },
    ...compilerInputs,
    { command: [TOOLS.clang, '--version'] },
    { command: ['g++', '--version'] },
  ],
  async run(context) {
    for (const folder of ['native', 'guest']) mkdirSync(join(context.out, folder));
    const tasks: (() => Promise<void>)[] = [];
    let done = 0;
    for (const source of globSync('tests/cxx/*.cpp', { cwd: context.root }).sort()) {
      const path = join(context.root, source);
      const name = basename(source, '.cpp');
      const compile = (command: string, output: string, env: Record<string, string>): void => {
        tasks.push(async () => {
          const flags = ['-O2', '-std=c++20', '-Wall', '-Wextra'];
          await context.exec(command, [...flags, path, '-o', join(context.out, output), '-pthread'], { env });
          context.progress(++done, tasks.length, output);
        });
      };
      compile(cxxCompiler(context), `guest/${name}.wasm`, cxxCompilerEnvironment(context));
      if (!GUEST_ONLY.test(readFileSync(path, 'utf8').slice(0, 500))) compile('g++', `native/${name}`, {});
    }
    await inParallel(context.jobs, tasks);
  },
};
