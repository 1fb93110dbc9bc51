// SPDX-License-Identifier: MIT
/**
 * Programs from Debian that only the bench runs, natively and in the guest: what each says of itself (a file each beside this
 * one), and the two steps that are made of it. The guest's are linked several times from the same objects, with and without
 * what the bench wants to know the cost of.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TOOLS } from '../../toolchain/target.ts';
import { compiler, compilerEnvironment, compilerInputs } from '../compiler.ts';
import { configuredInputs, guestProgram, makeConfigured } from '../configured.ts';
import { libc } from '../libc.ts';
import type { Input, Step, StepContext } from '../step.ts';

export interface RealProgram {
  /** As in the names of its steps: `Lua`. */
  readonly name: string;
  /** In this folder, what describes it. */
  readonly file: string;
  readonly source: Step;
  /** The programs it is built for, by the names that their outputs have: their paths in the build folder. */
  readonly programs: Readonly<Record<string, string>>;
  /** Whether it brings a configure script; see ConfiguredProgram. */
  readonly hasConfigure: boolean;
  /** For configure. */
  readonly options?: readonly string[];
  /** For configure and make. */
  readonly env?: (context: StepContext) => Readonly<Record<string, string>>;
  /** For make, beside CC, AR and RANLIB when there is no configure script. Unless told, the program itself. */
  readonly goals?: (context: StepContext) => readonly string[];
  /** What make passes to the link of the program only; LDFLAGS unless told. */
  readonly linkVariable?: string;
  /** Bytes of stack, when the default is too little. */
  readonly stack?: number;
  /** A file of bench/real that is linked in by wrapping a function; compiled with the source's headers. */
  readonly binding?: { readonly file: string; readonly include: string; readonly wraps: string };
  /** Whether it can reach fork: then it is also linked without. */
  readonly forks: boolean;
  /** How many files are compiled; only for the progress that is shown. */
  readonly compilations: number;
}

/** How else a guest's program is linked: PROGRAM.VARIANT.wasm beside PROGRAM.wasm. */
export type Variant = 'no-polls' | 'no-fork';

/** For the driver: a program that is never interrupted while it computes. */
export const NO_POLLS = '-Wl,--wasmlinux-no-polls';
/** A program that shares memory, which can't be seen of mmap() alone. */
export const MARK_STORES = '-Wl,--wasmlinux-mark-stores';

interface Side {
  readonly folder: 'native' | 'guest';
  readonly cc: string;
  readonly env: Readonly<Record<string, string>>;
  readonly options: readonly string[];
  /** For make, as a program without a configure script needs them. */
  readonly tools: readonly string[];
  readonly seen?: string;
}

/** For a make that would like to make its makefiles or manuals anew, because Debian's patches have changed what they come from. */
export const AS_CONFIGURED = ['ACLOCAL', 'AUTOCONF', 'AUTOHEADER', 'AUTOMAKE', 'MAKEINFO'].map((tool) => `${tool}=:`);

const FLAGS = ['-O2', '-Wall', '-Wno-unused-parameter'];

async function object(context: StepContext, side: Side, file: string, ...flags: string[]): Promise<string> {
  const output = join(context.work, `${side.folder}-${basename(file, '.c')}.o`);
  const source = join(context.root, 'bench', 'real', file);
  await context.exec(side.cc, [...FLAGS, ...flags, '-c', source, '-o', output], { env: side.env });
  return output;
}

/** Makes all programs of it with more arguments for the link, and puts them into the output. */
async function link(
  context: StepContext,
  program: RealProgram,
  side: Side,
  more: readonly string[],
  suffix: string,
): Promise<void> {
  for (const [name, path] of Object.entries(program.programs)) {
    const ldflags = [...(program.binding ? await bind(context, program, program.binding, side) : []), ...more];
    const made = await makeConfigured(context, {
      name: side.folder,
      source: program.source,
      hasConfigure: program.hasConfigure,
      options: [...side.options, ...(program.options ?? [])],
      env: side.env,
      program: path,
      goals: [
        ...(program.hasConfigure ? [] : side.tools),
        ...(program.goals?.(context) ?? [path]),
        `${program.linkVariable ?? 'LDFLAGS'}=${ldflags.join(' ')}`,
      ],
      ...(side.seen !== undefined && { seen: side.seen }),
      compilations: program.compilations,
    });
    copyFileSync(made, join(context.out, `${name}${suffix}`));
  }
}

async function bind(
  context: StepContext,
  program: RealProgram,
  binding: NonNullable<RealProgram['binding']>,
  side: Side,
): Promise<string[]> {
  const include = join(context.output(program.source), binding.include);
  return [
    await object(context, side, binding.file, `-I${include}`, `-I${join(context.root, 'bench', 'real')}`),
    `-Wl,--wrap=${binding.wraps}`,
  ];
}

function inputsOf(program: RealProgram): Input[] {
  return [
    { path: 'src/build/real/real-program.ts' },
    { path: `src/build/real/${program.file}` },
    { path: 'bench/real' },
    ...configuredInputs,
  ];
}

/** Step `bench` and its name: PROGRAM.wasm, and PROGRAM.VARIANT.wasm. */
export function guestStep(program: RealProgram): Step {
  return {
    name: `bench${program.name}`,
    title: `${program.name.toLowerCase()}, for the bench`,
    needs: [program.source, libc],
    inputs: [...inputsOf(program), ...compilerInputs],
    async run(context) {
      const guest = await guestProgram(context);
      const cc = compiler(context);
      const side: Side = {
        folder: 'guest',
        cc,
        env: { ...compilerEnvironment(context), ...program.env?.(context) },
        options: [...guest.options, 'CFLAGS=-O2'],
        tools: [`CC=${cc}`, `AR=${TOOLS.ar}`, `RANLIB=${TOOLS.ranlib}`],
        ...(guest.seen !== undefined && { seen: guest.seen }),
      };
      const stack = program.stack === undefined ? [] : [`-Wl,-z,stack-size=${program.stack}`];
      await link(context, program, side, stack, '.wasm');
      const variants = new Map<Variant, readonly string[]>([['no-polls', [NO_POLLS]]]);
      if (program.forks) variants.set('no-fork', [await object(context, side, 'no-fork.c')]);
      for (const [variant, flags] of variants) {
        await link(context, program, side, [...stack, ...flags], `.${variant}.wasm`);
      }
    },
  };
}

/** Step `native` and its name: the same programs for this machine. */
export function nativeStep(program: RealProgram): Step {
  return {
    name: `native${program.name}`,
    title: `${program.name.toLowerCase()} of this machine`,
    needs: [program.source],
    inputs: [...inputsOf(program), { command: [TOOLS.clang, '--version'] }],
    async run(context) {
      const cc = TOOLS.clang;
      const side: Side = {
        folder: 'native',
        cc,
        env: program.env?.(context) ?? {},
        options: [`CC=${cc}`, 'CFLAGS=-O2'],
        tools: [`CC=${cc}`, `AR=${TOOLS.ar}`, `RANLIB=${TOOLS.ranlib}`],
      };
      mkdirSync(context.out, { recursive: true });
      await link(context, program, side, ['-static'], '');
    },
  };
}
