// SPDX-License-Identifier: MIT
/**
 * What a command line of a C compiler asks for: compile only, answer a question, or link a program, and in that case the
 * arguments that clang understands. Called by cc.ts.
 */

import { LinkerOptions, type LinkSettings, NO_SHARED_LIBRARIES, UnsupportedOption } from './linker-options.ts';

export interface LinkRequest extends Readonly<LinkSettings> {
  /** For clang, in order; without options that only the link pipeline has. */
  readonly args: readonly string[];
  readonly output: string;
  readonly startFile: boolean;
  readonly libc: boolean;
  /** Of a C++ link: with the C++ libraries. */
  readonly cxxLibraries: boolean;
  /** Only shows what would be done. */
  readonly dryRun: boolean;
  /** Optimises while linking: code is made only then. */
  readonly lto: boolean;
}

/** Stops clang before the link. */
const COMPILE_ONLY = /^(?:-c|-S|-E|-M|-MM|-fsyntax-only|-emit-ast|--precompile|--analyze|--version|--help)$/;

export function compilesOnly(args: readonly string[]): boolean {
  return args.some((argument) => COMPILE_ONLY.test(argument));
}

/** Is there anything to link? Else clang says what is missing. */
export function hasInput(args: readonly string[]): boolean {
  return args.some((argument) => !/^-(?!$|l|Wl,|Xlinker)/.test(argument));
}

export const isSource = (argument: string) => /\.(?:[ciCm]|mm|cc|cp|cpp|cxx|c\+\+|CPP|ii)$/.test(argument);

/**
 * Options of GCC that clang refuses for this target though they say nothing that matters here: which processor of this machine, and
 * what to note in the object. bin/wasmlinux-cc knows the same list.
 */
const MEANINGLESS = new Set(['-march=native', '-mcpu=native', '-frecord-gcc-switches']);

/** Drops those, and refuses what would make code that nothing runs. */
export function compilerArguments(args: readonly string[]): string[] {
  if (args.includes('-m64')) throw new UnsupportedOption('-m64: programs are wasm32, pointers have 32 bits');
  return args.filter((argument) => !MEANINGLESS.has(argument));
}

/** Of the link: what position independence or a shared libc would need, and libraries that are there without being named. */
const DROPPED = new Set([
  '-static',
  '-static-pie',
  '-static-libgcc',
  '-shared-libgcc',
  '-pie',
  '-no-pie',
  '-nopie',
  '-rdynamic',
  '-lgcc',
  '-lgcc_s',
  '-lgcc_eh',
  '-latomic',
  '-lssp',
  '-lssp_nonshared',
  '-lubsan',
  '-static-libstdc++',
  '-static-libubsan',
  '-lstdc++',
  '-lstdc++fs',
  '-lstdc++exp',
  '-lc++fs',
  '-lc++experimental',
  '-lsupc++',
  '-lc++',
  '-lc++abi',
  '-lunwind',
]);

/** There is one linker. */
const LINKER_CHOICE = /^(?:-fuse-ld=|--ld-path=)/;

/** Reads the arguments of a link, response files already expanded. Throws UnsupportedOption. */
export function parseLink(args: readonly string[]): LinkRequest {
  const kept: string[] = [];
  const options = new LinkerOptions();
  let output = 'a.out';
  let startFile = true;
  let libc = true;
  let cxxLibraries = true;

  const linkerOption = (option: string, next: () => string): void => {
    for (const word of options.read(option, next)) kept.push('-Xlinker', word);
  };

  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? '';
    const value = (): string => args[++at] ?? '';
    if (argument === '-shared') throw new UnsupportedOption(NO_SHARED_LIBRARIES);
    else if (argument === '-o') output = value();
    else if (/^-o./.test(argument)) output = argument.slice(2);
    else if (argument === '-nostartfiles') startFile = false;
    else if (argument === '-nolibc') libc = false;
    else if (argument === '-nostdlib++') cxxLibraries = false;
    else if (argument === '-nodefaultlibs') libc = cxxLibraries = false;
    else if (argument === '-nostdlib') startFile = libc = cxxLibraries = false;
    else if (['-r', '-s', '-z', '-T'].includes(argument)) linkerOption(argument, value);
    else if (argument.startsWith('-Wl,')) {
      const words = argument.slice('-Wl,'.length).split(',');
      for (let word = 0; word < words.length; word++) {
        linkerOption(words[word] ?? '', () => {
          word++;
          // GNU-style "-Wl,-rpath -Wl,/lib": the value is in the next argument
          return words[word] ?? value().replace(/^-Wl,/, '');
        });
      }
    } else if (argument === '-Xlinker') {
      linkerOption(value(), () => {
        at++;
        return value();
      });
    } else if (!DROPPED.has(argument) && !LINKER_CHOICE.test(argument)) kept.push(argument);
  }
  const { relocatable, strip, stackSize, forkInHandlers, checkFork, plain, polls, marks } = options;
  return {
    args: kept,
    output,
    relocatable,
    startFile,
    libc,
    cxxLibraries,
    strip,
    stackSize,
    forkInHandlers,
    checkFork,
    plain,
    polls,
    marks,
    dryRun: args.includes('-###'),
    lto: args.findLast((argument) => /^-f(?:no-)?lto\b/.test(argument))?.startsWith('-flto') === true,
  };
}
