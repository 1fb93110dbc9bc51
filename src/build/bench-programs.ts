// SPDX-License-Identifier: MIT
/**
 * Step `benchPrograms`: the programs of bench/programs, each twice, from one source by the same clang at the same level:
 * native/GROUP, static programs of this machine, and guest/GROUP.wasm. Beside them guest/cpu.no-polls.wasm, which can't be
 * interrupted, and guest/init.wasm, which has no native counterpart.
 */
import { globSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TOOLS } from '../toolchain/target.ts';
import { compiler, compilerEnvironment, compilerInputs, cxxCompiler, cxxCompilerEnvironment } from './compiler.ts';
import { libc } from './libc.ts';
import { libcxx } from './libcxx.ts';
import { MARK_STORES, NO_POLLS } from './real/real-program.ts';
import type { Step, StepContext } from './step.ts';

const FLAGS = ['-O2', '-Wall', '-Wextra', '-Werror', '-Wno-unused-result'];
/** Programs of one file beside serve.c. */
const GROUPS = ['syscalls', 'pipes', 'processes', 'threads', 'shared', 'fairness', 'files', 'memory', 'real'];

/** The one group in C++; natively with the machine's libstdc++. */
async function exceptions(context: StepContext, serve: string, source: string): Promise<void> {
  const link = async (cc: string, cxx: string, output: string, env: Record<string, string>): Promise<void> => {
    const objects = [serve, source].map((path) => join(context.work, `${basename(path)}-${basename(output)}.o`));
    const [serveObject = '', sourceObject = ''] = objects;
    await context.exec(cc, [...FLAGS, '-c', serve, '-o', serveObject], { env });
    await context.exec(cxx, [...FLAGS, '-c', source, '-o', sourceObject], { env });
    await context.exec(cxx, ['-static', ...objects, '-o', join(context.out, output)], { env });
  };
  await link(TOOLS.clang, 'clang++-22', 'native/exceptions', {});
  await link(compiler(context), cxxCompiler(context), 'guest/exceptions.wasm', cxxCompilerEnvironment(context));
}

export const benchPrograms: Step = {
  name: 'benchPrograms',
  title: 'bench programs',
  needs: [libc, libcxx],
  inputs: [
    { path: 'src/build/bench-programs.ts' },
    { path: 'src/build/real/real-program.ts' },
    { path: 'bench/programs' },
    ...compilerInputs,
    { command: [TOOLS.clang, '--version'] },
  ],
  async run(context) {
    const folder = join(context.root, 'bench', 'programs');
    const serve = join(folder, 'serve.c');
    const programs = new Map(GROUPS.map((group) => [group, [serve, join(folder, `${group}.c`)]]));
    programs.set('cpu', [serve, ...globSync(join(folder, 'cpu', '*.c')).sort()]);
    mkdirSync(join(context.out, 'native'));
    mkdirSync(join(context.out, 'guest'));
    const guestProgram = (name: string, sources: readonly string[], ...more: string[]): Promise<void> =>
      context.exec(
        compiler(context),
        [...FLAGS, ...more, ...sources, '-o', join(context.out, 'guest', `${name}.wasm`)],
        {
          env: compilerEnvironment(context),
        },
      );
    let done = 0;
    for (const [group, sources] of programs) {
      context.progress(done++, programs.size, group);
      await context.exec(TOOLS.clang, [
        ...FLAGS,
        '-static',
        ...sources,
        '-o',
        join(context.out, 'native', group),
        '-lm',
      ]);
      await guestProgram(group, sources, ...(group === 'shared' ? [MARK_STORES] : []));
    }
    await guestProgram('cpu.no-polls', programs.get('cpu') ?? [], NO_POLLS);
    await guestProgram('init', [join(folder, 'init.c')]);
    await exceptions(context, serve, join(folder, 'exceptions.cpp'));
  },
};
