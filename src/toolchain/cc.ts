// SPDX-License-Identifier: MIT
/**
 * The C compiler driver, run by bin/wasmlinux-cc when more than a compilation is asked for (that it hands to clang itself,
 * to save this file's start-up): answers what configure scripts ask, and links programs.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilesOnly, type LinkRequest, parseLink, UnsupportedOption } from './arguments.ts';
import { finishProgram, LinkError } from './link.ts';
import { expandResponseFiles } from './response-file.ts';
import { findSysroot, NoSysroot } from './sysroot.ts';
import { CONFIG_FILE, LINK_FLAGS, TOOLS, TRIPLE } from './target.ts';

/** Runs clang on this terminal; its exit status. */
function clang(sysroot: string, args: readonly string[]): number {
  const all = [`--config=${join(sysroot, CONFIG_FILE)}`, '-Qunused-arguments', ...args, '-fno-pic'];
  const { status, error } = spawnSync(TOOLS.clang, all, { stdio: 'inherit' });
  if (error) {
    process.stderr.write(`wasmlinux-cc: ${TOOLS.clang} does not start: ${error.message}\n`);
    return 127;
  }
  return status ?? 1;
}

/** The answer to an option that only asks, or undefined. */
function answer(sysroot: string, argument: string): string | undefined {
  const library = (name: string): string => {
    const path = join(sysroot, 'lib', name);
    return existsSync(path) ? path : name;
  };
  switch (argument) {
    case '-dumpmachine':
    case '-print-target-triple':
    case '--print-target-triple':
    case '-print-effective-triple':
    case '--print-effective-triple':
      return TRIPLE;
    case '-print-sysroot':
    case '--print-sysroot':
      return sysroot;
    case '-print-multiarch':
    case '--print-multiarch':
      return '';
    case '-print-libgcc-file-name':
    case '--print-libgcc-file-name':
      return library('libclang_rt.builtins.a');
    case '-print-search-dirs':
    case '--print-search-dirs':
      return `programs: =\nlibraries: =${join(sysroot, 'lib')}`;
  }
  const file = /^--?print-file-name=(.*)$/.exec(argument)?.[1];
  return file === undefined ? undefined : library(file);
}

function linkerArguments(sysroot: string, request: LinkRequest): string[] {
  const wasmLd = [`-fuse-ld=lld`, `--ld-path=${TOOLS.linker}`, '-nostdlib', '-o', request.output];
  if (request.relocatable) return [...wasmLd, '-r', ...request.args];
  const lib = join(sysroot, 'lib');
  return [
    ...wasmLd,
    // otherwise clang runs a wasm-opt that it finds in the PATH
    '--no-wasm-opt',
    ...LINK_FLAGS.flatMap((flag) => ['-Xlinker', flag]),
    ...['-Xlinker', '-z', '-Xlinker', `stack-size=${request.stackSize}`],
    ...(request.startFile ? [join(lib, 'crt1.o')] : []),
    ...request.args,
    `-L${lib}`,
    ...(request.libc ? [join(lib, 'libc.a'), join(lib, 'libclang_rt.builtins.a')] : []),
  ];
}

async function link(sysroot: string, request: LinkRequest): Promise<number> {
  const status = clang(sysroot, linkerArguments(sysroot, request));
  if (status !== 0 || request.relocatable) return status;
  // build systems try options with -o /dev/null: a device is neither rewritten nor, after an error, removed
  if (!statSync(request.output, { throwIfNoEntry: false })?.isFile()) return status;
  try {
    writeFileSync(request.output, await finishProgram(readFileSync(request.output), request));
    chmodSync(request.output, 0o755);
    return 0;
  } catch (error) {
    rmSync(request.output, { force: true });
    throw error;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const sysroot = findSysroot(process.env);
  const expanded = expandResponseFiles(args);
  for (const argument of expanded) {
    const text = answer(sysroot, argument);
    if (text !== undefined) {
      process.stdout.write(`${text}\n`);
      return 0;
    }
  }
  if (compilesOnly(expanded)) return clang(sysroot, args);
  return await link(sysroot, parseLink(expanded));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof NoSysroot || error instanceof UnsupportedOption || error instanceof LinkError)) throw error;
  process.stderr.write(`wasmlinux-cc: ${error.message}\n`);
  process.exitCode = 1;
}
