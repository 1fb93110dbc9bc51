// SPDX-License-Identifier: MIT
/**
 * Step `unportedPrograms`: programs that were not written for this project, each with another build system, built as their
 * authors say and with nothing of ours but the compiler, the host's name or the toolchain file. Output: a folder for each, with
 * its test programs and what they read. tests/suites/unported.ts runs them in the guest.
 */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TRIPLE } from '../toolchain/target.ts';
import { compiler, compilerEnvironment, compilerInputs } from './compiler.ts';
import { testPackages } from './debian/packages.ts';
import { sourceJansson, sourceLcms, sourceXxhash, sourceXz } from './debian/sources.ts';
import { libc } from './libc.ts';
import type { Step, StepContext } from './step.ts';

/** A fresh folder in the step's work folder. */
function freshFolder(context: StepContext, name: string): string {
  const folder = join(context.work, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Copies files by patterns, from `from` into the folder `name` of the output. */
function keep(context: StepContext, name: string, from: string, ...patterns: string[]): void {
  for (const path of patterns.flatMap((pattern) => globSync(pattern, { cwd: from }))) {
    const target = join(context.out, name, path);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(from, path), target, { recursive: true });
  }
}

/** Plain make. */
async function buildXxhash(context: StepContext): Promise<void> {
  const folder = freshFolder(context, 'xxhash');
  cpSync(context.output(sourceXxhash), folder, { recursive: true });
  const env = compilerEnvironment(context);
  await context.exec('make', [`CC=${compiler(context)}`, 'xxhsum'], { cwd: folder, env });
  // the rule runs it, too
  const goals = [`CC=${compiler(context)}`, 'RUN_ENV=true', 'test_sanity'];
  await context.exec('make', ['-C', 'tests', ...goals], { cwd: folder, env });
  keep(context, 'xxhash', folder, 'xxhsum', 'tests/sanity_test', 'tests/*.sh', 'LICENSE');
}

/** Autoconf, automake and libtool. */
async function buildXz(context: StepContext): Promise<void> {
  const folder = freshFolder(context, 'xz');
  const source = context.output(sourceXz);
  const env = compilerEnvironment(context);
  const options = [`--host=${TRIPLE}`, `CC=${compiler(context)}`];
  await context.exec(join(source, 'configure'), options, { cwd: folder, env });
  await context.exec('make', [`-j${context.jobs}`], { cwd: folder, env });
  await context.exec('make', ['-C', 'tests', 'check', 'TESTS='], { cwd: folder, env });
  keep(context, 'xz', folder, 'src/xz/xz', 'src/xzdec/xzdec', 'tests/test_*', 'tests/create_compress_files');
  keep(context, 'xz', source, 'tests/files', 'tests/test_*.sh', 'tests/test_compress_generated_*');
  for (const object of globSync('xz/tests/*.o', { cwd: context.out })) rmSync(join(context.out, object));
}

/** CMake. */
async function buildJansson(context: StepContext): Promise<void> {
  const folder = freshFolder(context, 'jansson');
  const source = context.output(sourceJansson);
  const env = compilerEnvironment(context);
  const toolchain = join(context.root, 'toolchain', 'wasmlinux.cmake');
  await context.exec('cmake', ['--toolchain', toolchain, '-S', source, '-B', folder, '-G', 'Ninja'], { env });
  await context.exec('ninja', ['-C', folder], { env });
  keep(context, 'jansson', join(folder, 'bin'), '*');
  keep(context, 'jansson', join(source, 'test'), 'suites');
}

/** Meson. */
async function buildLcms(context: StepContext): Promise<void> {
  const folder = freshFolder(context, 'lcms');
  const source = context.output(sourceLcms);
  const env = compilerEnvironment(context);
  // Debian 12's Meson does not know where a cross file is
  const toolchain = join(context.root, 'toolchain');
  const crossFile = join(context.work, 'cross.ini');
  const text = readFileSync(join(toolchain, 'wasmlinux.ini'), 'utf8');
  writeFileSync(crossFile, text.replaceAll('@DIRNAME@', toolchain));
  await context.exec('meson', ['setup', '--cross-file', crossFile, folder, source], { env });
  await context.exec('ninja', ['-C', folder], { env });
  keep(context, 'lcms', join(folder, 'testbed'), 'testcms');
  keep(context, 'lcms', join(source, 'testbed'), '*.ic?', '*.ICM', '*.cgats', '*.it8');
}

export const unportedPrograms: Step = {
  name: 'unportedPrograms',
  title: 'programs of others, as they are',
  needs: [libc, testPackages, sourceXxhash, sourceXz, sourceJansson, sourceLcms],
  inputs: [{ path: 'src/build/unported.ts' }, { path: 'toolchain' }, ...compilerInputs],
  async run(context) {
    const builders = [buildXxhash, buildXz, buildJansson, buildLcms];
    for (const [done, build] of builders.entries()) {
      context.progress(done, builders.length, build.name.replace('build', ''));
      await build(context);
    }
  },
};
