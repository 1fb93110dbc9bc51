// SPDX-License-Identifier: MIT
/** Options of a compiler that only ask, as configure scripts, libtool and makefiles do: the answers of GCC. Called by cc.ts. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TRIPLE } from './target.ts';

export interface Places {
  /** The folder of the tools. */
  readonly bin: string;
  readonly sysroot: string;
  /** Folders of libraries, in the order in which they are searched. */
  readonly libraries: readonly string[];
}

/** Is it a question at all? What answer() does not know is clang's to answer. */
export function isQuestion(argument: string): boolean {
  return /^(?:--?print-|-dump)/.test(argument) && argument !== '-dumpdir' && argument !== '-dumpbase';
}

/** GCC's, which clang has under another name. */
export const FULL_VERSION = '-dumpfullversion';

/** The answer to an option that only asks, or undefined. */
export function answer({ bin, sysroot, libraries }: Places, argument: string): string | undefined {
  const library = (name: string): string | undefined =>
    libraries.map((folder) => join(folder, name)).find((path) => existsSync(path));
  switch (argument.replace(/^--/, '-')) {
    case '-dumpmachine':
    case '-print-target-triple':
    case '-print-effective-triple':
      return TRIPLE;
    case '-print-sysroot':
      return sysroot;
    case '-print-multiarch':
      return '';
    case '-print-multi-directory':
    case '-print-multi-os-directory':
      return '.';
    case '-print-multi-lib':
      return '.;';
    case '-print-libgcc-file-name':
      return library(BUILTINS) ?? BUILTINS;
    case '-print-search-dirs':
      return `install: ${bin}\nprograms: =${bin}\nlibraries: =${libraries.join(':')}`;
  }
  const [, what, name = ''] = /^--?print-(file|prog)-name=(.*)$/.exec(argument) ?? [];
  if (what === 'prog') return [join(bin, `wasmlinux-${name}`)].find((path) => existsSync(path)) ?? name;
  // clang's own headers are the one file that it knows where to find
  return what === 'file' && name !== 'include' ? (library(name) ?? name) : undefined;
}

const BUILTINS = 'libclang_rt.builtins.a';
