// SPDX-License-Identifier: MIT
/**
 * Builds a program with make: outside of its source tree when it brings a configure script, else in a copy of it. Configuring and compiling take longer than all
 * else, so the work folder is used again as long as configure and the compiler would see the same; only linking is always done
 * anew. The builders of such programs (dash.ts, bash.ts, native-shells.ts, real/) use it.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TRIPLE } from '../toolchain/target.ts';
import { compiler, compilerEnvironment } from './compiler.ts';
import { libcHeaders, libcNames } from './libc-interface.ts';
import type { Input, Step, StepContext } from './step.ts';

export interface ConfiguredProgram {
  /** Subfolder of the step's work folder. */
  readonly name: string;
  /** The step whose output has the source, and the configure script. */
  readonly source: Step;
  /** False: there is no such script, and make runs in a copy of the source. */
  readonly hasConfigure?: boolean;
  /** Options and variables for configure. */
  readonly options: readonly string[];
  /** For configure and make. */
  readonly env: Readonly<Record<string, string>>;
  /** The program's path in the build folder; always linked anew. */
  readonly program: string;
  /** For make; its default unless told. */
  readonly goals?: readonly string[];
  /** What else compilations depend on; see guestProgram(). */
  readonly seen?: string;
  /** How many files are compiled; only for the progress that is shown. */
  readonly compilations: number;
}

/** Goes into the key of every step that builds so. */
export const configuredInputs: readonly Input[] = [
  { path: 'src/build/configured.ts' },
  { path: 'src/build/libc-interface.ts' },
];

/** What a program for the guest has of this: our compiler, and what configure and compilations see of libc. */
export async function guestProgram(context: StepContext): Promise<Pick<ConfiguredProgram, 'options' | 'env' | 'seen'>> {
  const build = (await context.capture('clang-22', ['-dumpmachine'])).trim();
  return {
    options: [
      `--build=${build}`,
      `--host=${TRIPLE}`,
      `CC=${compiler(context)}`,
      'AR=llvm-ar-22',
      'RANLIB=llvm-ranlib-22',
      'CC_FOR_BUILD=clang-22',
    ],
    env: compilerEnvironment(context),
    seen: (await libcHeaders(context)) + (await libcNames(context)),
  };
}

/** Configures and makes; returns the path of the program. */
export async function makeConfigured(context: StepContext, program: ConfiguredProgram): Promise<string> {
  const source = context.output(program.source);
  const folder = join(context.work, program.name);
  const stamp = join(folder, 'configured-for');
  const version = await context.capture('clang-22', ['--version']);
  const wanted = JSON.stringify([source, program.options, version, program.seen]);
  const known = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  const { env } = program;
  if (!known) {
    context.progress(0, program.compilations, `configuring ${program.name}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    if (program.hasConfigure === false) cpSync(source, folder, { recursive: true, preserveTimestamps: true });
    else await context.exec(join(source, 'configure'), program.options, { cwd: folder, env });
    writeFileSync(stamp, wanted);
  }
  rmSync(join(folder, program.program), { force: true });
  let compiled = 0;
  await context.exec('make', [`-j${context.jobs}`, ...(program.goals ?? [])], {
    cwd: folder,
    env,
    onLine: (line) => {
      const file = / -c (?:.*[ /])?(\w+\.c)\b/.exec(line)?.[1];
      if (file !== undefined) context.progress(Math.min(++compiled, program.compilations), program.compilations, file);
    },
  });
  return join(folder, program.program);
}
