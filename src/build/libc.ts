// SPDX-License-Identifier: MIT
/**
 * Step `libc`: musl with our port (libc/), built by its own configure and make. Output: the sysroot (src/toolchain/sysroot.ts)
 * with musl's and the kernel's headers. Where both have a file musl's stands, as in every musl distribution.
 */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPILE_FLAGS, CONFIG_FILE, configFile, TOOLS, TRIPLE } from '../toolchain/target.ts';
import { sourceMusl } from './debian/sources.ts';
import { headers } from './headers.ts';
import { type Step, type StepContext, StepError } from './step.ts';
import { syscallHeader } from './syscall-numbers.ts';

/** What clang's arithmetic calls (long double, 128 bits), from the package libclang-rt-22-dev-wasm32. */
const BUILTINS = 'libclang_rt.builtins.a';
const BUILTINS_IN_CLANG = 'lib/*/libclang_rt.builtins*wasm32*.a';

/** musl's tree with the overlay and the patches of libc/. */
async function prepareSource(context: StepContext): Promise<string> {
  const tree = join(context.work, 'musl');
  rmSync(tree, { recursive: true, force: true });
  cpSync(context.output(sourceMusl), tree, { recursive: true });
  const port = join(context.root, 'libc');
  for (const folder of ['arch', 'crt', 'src']) cpSync(join(port, folder), join(tree, folder), { recursive: true });
  const series = readFileSync(join(port, 'patches', 'series'), 'utf8');
  for (const patch of series.split('\n').filter((line) => line !== '')) {
    await context.exec('patch', ['-p1', '--forward', '--batch', '-i', join(port, 'patches', patch)], { cwd: tree });
  }
  const kernelHeaders = join(context.output(headers), 'include');
  const macros = await context.capture(TOOLS.clang, [
    ...COMPILE_FLAGS,
    '-nostdinc',
    '-isystem',
    kernelHeaders,
    '-E',
    '-dM',
    '-x',
    'c',
    join(kernelHeaders, 'asm', 'unistd.h'),
  ]);
  writeFileSync(join(tree, 'arch', 'wasm32', 'bits', 'syscall.h.in'), syscallHeader(macros));
  return tree;
}

async function compile(context: StepContext, tree: string): Promise<void> {
  await context.exec(
    './configure',
    [
      `--target=${TRIPLE}`,
      '--prefix=/',
      '--disable-shared',
      `CC=${[TOOLS.clang, ...COMPILE_FLAGS].join(' ')}`,
      `AR=${TOOLS.ar}`,
      `RANLIB=${TOOLS.ranlib}`,
      'CFLAGS=-O2',
    ],
    { cwd: tree },
  );
  const isCompilation = (line: string): boolean => line.includes(' -c -o ');
  const plan = await context.capture('make', ['--dry-run'], { cwd: tree });
  const total = plan.split('\n').filter(isCompilation).length;
  let done = 0;
  await context.exec('make', [`-j${context.jobs}`], {
    cwd: tree,
    onLine: (line) => {
      if (isCompilation(line)) context.progress(++done, total, /\S+$/.exec(line)?.[0] ?? '');
    },
  });
}

async function installSysroot(context: StepContext, tree: string): Promise<void> {
  cpSync(join(context.output(headers), 'include'), join(context.out, 'include'), { recursive: true });
  await context.exec('make', ['install', `DESTDIR=${context.out}`], { cwd: tree });
  const resources = (await context.capture(TOOLS.clang, ['-print-resource-dir'])).trim();
  const [builtins] = globSync(join(resources, BUILTINS_IN_CLANG));
  if (builtins === undefined) {
    throw new StepError(`clang's runtime library for wasm32 is not in ${resources}`, {
      advice: 'Install it: apt-get install libclang-rt-22-dev-wasm32',
    });
  }
  mkdirSync(join(context.out, 'lib'), { recursive: true });
  // Debian leaves debug information in it, which every program would carry.
  await context.exec(TOOLS.objcopy, ['--strip-debug', builtins, join(context.out, 'lib', BUILTINS)]);
  await buildSanitizer(context);
  writeFileSync(join(context.out, CONFIG_FILE), configFile());
}

/** What code calls that is compiled with -fsanitize=undefined. */
async function buildSanitizer(context: StepContext): Promise<void> {
  const object = join(context.work, 'ubsan_minimal.o');
  const source = join(context.root, 'libc', 'ubsan_minimal.c');
  const headers = ['-nostdinc', '-isystem', join(context.out, 'include')];
  await context.exec(TOOLS.clang, [...COMPILE_FLAGS, ...headers, '-O2', '-Wall', '-c', source, '-o', object]);
  await context.exec(TOOLS.ar, ['rcs', join(context.out, 'lib', 'libclang_rt.ubsan_minimal.a'), object]);
}

export const libc: Step = {
  name: 'libc',
  title: 'musl libc',
  needs: [sourceMusl, headers],
  inputs: [
    { path: 'src/build/libc.ts' },
    { path: 'src/build/syscall-numbers.ts' },
    { path: 'src/toolchain/target.ts' },
    { path: 'libc' },
    { command: [TOOLS.clang, '--version'] },
  ],
  async run(context) {
    const tree = await prepareSource(context);
    await compile(context, tree);
    await installSysroot(context, tree);
  },
};
