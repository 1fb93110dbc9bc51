// SPDX-License-Identifier: MIT
/**
 * Step `busybox`: Debian's busybox source, built by its own make in the configuration of programs/busybox. Output:
 *
 *     busybox.wasm        all applets in one program
 *     links               the paths under which applets are installed, one a line
 *     udhcpc.script       what udhcpc runs to configure an interface, one of busybox's examples
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiler, compilerEnvironment, compilerInputs } from './compiler.ts';
import { sourceBusybox } from './debian/sources.ts';
import { applyFragment, unheldLines } from './kconfig-fragment.ts';
import { libc } from './libc.ts';
import { libcHeaders } from './libc-interface.ts';
import { type Input, type Step, type StepContext, StepError } from './step.ts';

/** Files that this configuration compiles, by count; only for the progress that is shown. */
const COMPILATIONS = 534;

/**
 * Speed before size: an engine compiles a function when it is first called. busybox's own -Os hides that it looks at 64-bit words
 * as pairs of 32 bits (sha3sum was wrong). The warnings are clang's about code that gcc, which busybox is written for, takes: a
 * sockaddr_un passed without a cast is even an error.
 */
export const BUSYBOX_FLAGS = [
  '-O2',
  '-fno-strict-aliasing',
  '-Wno-incompatible-pointer-types',
  '-Wno-incompatible-pointer-types-discards-qualifiers',
  '-Wno-ignored-optimization-argument',
  '-Wno-string-plus-int',
  '-Wno-misleading-indentation',
];

/**
 * busybox's own link script links about ten times, to find out which libraries it needs: ours are all in libc. The linker names
 * the module after its file, and by that name profiles and reports show the program.
 */
const LINK =
  'mkdir -p linked && $(CC) $(CFLAGS) $(LDFLAGS) -o linked/busybox -Wl,--start-group $(core-y) $(libs-y) -Wl,--end-group && mv linked/busybox $@';

/** What make is told for whatever machine; `compiling` says by which compiler and with which options. */
export function busyboxMake(context: StepContext, compiling: readonly string[]): string[] {
  return [
    '-C',
    context.output(sourceBusybox),
    `O=${context.work}`,
    `-j${context.jobs}`,
    'HOSTCC=clang-22',
    'SKIP_STRIP=y',
    'BB_EXTRA_VERSION=WasmLinux',
    ...compiling,
  ];
}

async function configure(context: StepContext, make: readonly string[], env: Record<string, string>): Promise<void> {
  const config = join(context.work, '.config');
  const fragment = readFileSync(join(context.root, 'programs', 'busybox', 'config.fragment'), 'utf8');
  await context.exec('make', [...make, 'defconfig'], { env });
  writeFileSync(config, applyFragment(readFileSync(config, 'utf8'), fragment));
  // Whatever a changed line makes visible is asked for; an empty answer takes the default.
  await context.exec('make', [...make, 'oldconfig'], { env, input: '\n'.repeat(1000) });
  const lost = unheldLines(readFileSync(config, 'utf8'), fragment);
  if (lost.length > 0) {
    throw new StepError(`busybox's configuration did not take ${lost.join(', ')}`, {
      advice: 'Look at programs/busybox/config.fragment: a name may be misspelled, or another setting may overrule it.',
    });
  }
}

/** Configures busybox as programs/busybox says, and makes the targets in the work folder. */
export async function makeBusybox(
  context: StepContext,
  make: readonly string[],
  compilerEnvironment: Record<string, string>,
  targets: readonly string[],
): Promise<void> {
  // Without a time stamp equal sources make equal programs.
  const env = { ...compilerEnvironment, KCONFIG_NOTIMESTAMP: '1' };
  await configure(context, make, env);
  let compiled = 0;
  await context.exec('make', [...make, ...targets], {
    env,
    onLine: (line) => {
      const file = /^ {2}CC {6}(\S+)/.exec(line)?.[1];
      if (file !== undefined) context.progress(Math.min(++compiled, COMPILATIONS), COMPILATIONS, file);
      else if (line.startsWith('  LINK')) context.progress(COMPILATIONS, COMPILATIONS, 'linking');
    },
  });
}

/** What goes into the key of every step that makes busybox. */
export const busyboxInputs: readonly Input[] = [
  { path: 'src/build/busybox.ts' },
  { path: 'src/build/kconfig-fragment.ts' },
  { path: 'programs/busybox' },
];

export const busybox: Step = {
  name: 'busybox',
  title: 'busybox',
  needs: [sourceBusybox, libc],
  inputs: [...busyboxInputs, { path: 'src/build/libc-interface.ts' }, ...compilerInputs],
  async run(context) {
    const forkForVfork = join(context.root, 'programs', 'busybox', 'fork-for-vfork.h');
    const make = busyboxMake(context, [
      `CC=${compiler(context)}`,
      'AR=llvm-ar-22',
      'NM=llvm-nm-22',
      'OBJCOPY=llvm-objcopy-22',
      // Its make compiles again what was compiled with other options.
      `CONFIG_EXTRA_CFLAGS=${BUSYBOX_FLAGS.join(' ')} -include ${forkForVfork} -DLIBC_HEADERS=0x${await libcHeaders(context)}`,
      `cmd_busybox__=${LINK}`,
    ]);
    await makeBusybox(context, make, compilerEnvironment(context), ['busybox_unstripped', 'busybox.links']);
    copyFileSync(join(context.work, 'busybox_unstripped'), join(context.out, 'busybox.wasm'));
    copyFileSync(join(context.work, 'busybox.links'), join(context.out, 'links'));
    const examples = join(context.output(sourceBusybox), 'examples');
    copyFileSync(join(examples, 'udhcp', 'simple.script'), join(context.out, 'udhcpc.script'));
  },
};
