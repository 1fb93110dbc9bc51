// SPDX-License-Identifier: MIT
/**
 * What a command line of a C compiler asks for: compile only, answer a question, or link a program, and in that case the
 * arguments that clang and wasm-ld understand. Options of GNU ld that mean nothing for a static wasm program are dropped,
 * as build systems pass them without asking; unknown ones stay, so that configure scripts see them fail. Called by cc.ts.
 */

import { DEFAULT_STACK_SIZE } from './target.ts';

export interface LinkRequest {
  /** For clang, in order; without options that only the link pipeline has. */
  readonly args: readonly string[];
  readonly output: string;
  /** Makes an object for a later link. */
  readonly relocatable: boolean;
  readonly startFile: boolean;
  readonly libc: boolean;
  /** Of a C++ link: with the C++ libraries. */
  readonly cxxLibraries: boolean;
  readonly strip: 'nothing' | 'debug' | 'all';
  readonly stackSize: number;
  readonly forkInHandlers: boolean;
  readonly checkFork: boolean;
  /** The program gets polls, so that the kernel can interrupt it. */
  readonly polls: boolean;
  /** Its stores leave marks, so that memory it shares costs little at a switch. Undefined: if it seems to share memory. */
  readonly marks: boolean | undefined;
}

/** Something is asked for that can't be had; the message is for the user. */
export class UnsupportedOption extends Error {
  override readonly name = 'UnsupportedOption';
}

/** Stops clang before the link, or has no input to link. */
const COMPILE_ONLY = /^(?:-c|-S|-E|-M|-MM|-fsyntax-only|-emit-ast|--precompile|-###|--version|--help)$/;

export function compilesOnly(args: readonly string[]): boolean {
  return args.some((argument) => COMPILE_ONLY.test(argument)) || (args.length === 1 && args[0] === '-v');
}

/** Of the compiler: what position independence or a shared libc would need, and libraries that are there without being named. */
const DROPPED = new Set([
  '-static',
  '-static-pie',
  '-static-libgcc',
  '-pie',
  '-no-pie',
  '-rdynamic',
  '-lgcc',
  '-lgcc_s',
  '-lgcc_eh',
  '-latomic',
  '-static-libstdc++',
  '-lstdc++',
  '-lsupc++',
  '-lc++',
  '-lc++abi',
  '-lunwind',
]);

/** Of GNU ld, without and with a value of their own. */
const LINKER_DROPPED =
  /^(?:--?(?:as-needed|no-as-needed|start-group|end-group|warn-common|sort-common|enable-new-dtags|disable-new-dtags|eh-frame-hdr|no-undefined|no-copy-dt-needed-entries|export-dynamic|relax|pie|no-pie|static|Bstatic|Bdynamic|Bsymbolic|Bsymbolic-functions|no-add-needed|add-needed|no-dynamic-linker|no-warn-mismatch)|-E|-\(|-\)|--?(?:sort-section|hash-style|exclude-libs|rpath|rpath-link|dynamic-linker|build-id)=.*|-O.*|--build-id)$/;
const LINKER_DROPPED_WITH_VALUE =
  /^(?:--?(?:sort-section|hash-style|exclude-libs|rpath|rpath-link|dynamic-linker)|-R)$/;

function parseSize(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size <= 0) throw new UnsupportedOption(`stack-size=${text} is not a number of bytes`);
  return size;
}

/** Reads the arguments of a link, response files already expanded. Throws UnsupportedOption. */
export function parseLink(args: readonly string[]): LinkRequest {
  const kept: string[] = [];
  let output = 'a.out';
  let relocatable = false;
  let startFile = true;
  let libc = true;
  let cxxLibraries = true;
  let strip: LinkRequest['strip'] = 'nothing';
  let stackSize = DEFAULT_STACK_SIZE;
  let forkInHandlers = false;
  let checkFork = false;
  let polls = true;
  let marks: boolean | undefined;

  const linkerOption = (option: string, next: () => string): void => {
    if (/^--?shared$/.test(option))
      throw new UnsupportedOption('-shared: there are no shared libraries, programs are static');
    if (option === '--wasmlinux-fork-in-handlers') forkInHandlers = true;
    else if (option === '--wasmlinux-check-fork') checkFork = true;
    else if (option === '--wasmlinux-no-polls') polls = false;
    else if (option === '--wasmlinux-mark-stores') marks = true;
    else if (option === '--wasmlinux-no-mark-stores') marks = false;
    else if (option === '-s' || option === '--strip-all') strip = 'all';
    else if (option === '-S' || option === '--strip-debug') strip = strip === 'all' ? 'all' : 'debug';
    else if (option === '-z' || /^-z./.test(option)) {
      const value = option === '-z' ? next() : option.slice(2);
      // the other -z options set flags of ELF files
      const size = /^stack-size=(.*)$/.exec(value)?.[1];
      if (size !== undefined) stackSize = parseSize(size);
    } else if (LINKER_DROPPED_WITH_VALUE.test(option)) next();
    else if (option === '-Map') kept.push('-Xlinker', `--Map=${next()}`);
    else if (!LINKER_DROPPED.test(option)) kept.push('-Xlinker', option);
  };

  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? '';
    const value = (): string => args[++at] ?? '';
    if (argument === '-shared') linkerOption(argument, value);
    else if (argument === '-o') output = value();
    else if (/^-o./.test(argument)) output = argument.slice(2);
    else if (argument === '-r') relocatable = true;
    else if (argument === '-s') strip = 'all';
    else if (argument === '-nostartfiles') startFile = false;
    else if (argument === '-nolibc') libc = false;
    else if (argument === '-nostdlib++') cxxLibraries = false;
    else if (argument === '-nodefaultlibs') libc = cxxLibraries = false;
    else if (argument === '-nostdlib') startFile = libc = cxxLibraries = false;
    else if (argument === '-z') linkerOption(argument, value);
    else if (argument === '-T') throw new UnsupportedOption('-T: wasm-ld has no linker scripts');
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
    } else if (!DROPPED.has(argument)) kept.push(argument);
  }
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
    polls,
    marks,
  };
}
