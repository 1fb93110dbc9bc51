// SPDX-License-Identifier: MIT
/**
 * The compiler driver, run by bin/wasmlinux-cc when more than a compilation is asked for (that it hands to clang itself,
 * to save this file's start-up): answers what configure scripts ask, and links programs. bin/wasmlinux-c++ is the same with
 * clang's --driver-mode=g++.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { compilesOnly, type LinkRequest, parseLink, UnsupportedOption } from './arguments.ts';
import { readModule, writeModule } from '../wasm/module.ts';
import { readFunctionNames } from '../wasm/names.ts';
import { withoutPreemption } from '../wasm/no-preempt.ts';
import { CXX_CONFIG_FILE, CXX_LIBRARIES, CXX_LINK_FLAGS } from './cxx-target.ts';
import { finishProgram, LinkError } from './link.ts';
import { expandResponseFiles } from './response-file.ts';
import { findCxx, findSysroot, NoSysroot } from './sysroot.ts';
import { CONFIG_FILE, LINK_FLAGS, SETJMP_FLAGS, TOOLS, TRIPLE } from './target.ts';

const CXX_MODE = '--driver-mode=g++';
const self = process.argv[2] === CXX_MODE ? 'wasmlinux-c++' : 'wasmlinux-cc';

interface Folders {
  readonly sysroot: string;
  /** The C++ libraries, when the language is C++. */
  readonly cxx: string | undefined;
}

/** Runs clang on this terminal; its exit status. */
function clang({ sysroot, cxx }: Folders, args: readonly string[]): number {
  const configs = [join(sysroot, CONFIG_FILE), ...(cxx === undefined ? [] : [join(cxx, CXX_CONFIG_FILE)])];
  const all = [...configs.map((file) => `--config=${file}`), '-Qunused-arguments', ...args, '-fno-pic'];
  const { status, error } = spawnSync(TOOLS.clang, all, { stdio: 'inherit' });
  if (error) {
    process.stderr.write(`${self}: ${TOOLS.clang} does not start: ${error.message}\n`);
    return 127;
  }
  return status ?? 1;
}

/** The answer to an option that only asks, or undefined. */
function answer({ sysroot, cxx }: Folders, argument: string): string | undefined {
  const libraries = [sysroot, ...(cxx === undefined ? [] : [cxx])].map((folder) => join(folder, 'lib'));
  const library = (name: string): string =>
    libraries.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name;
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
      return `programs: =\nlibraries: =${libraries.join(':')}`;
  }
  const file = /^--?print-file-name=(.*)$/.exec(argument)?.[1];
  return file === undefined ? undefined : library(file);
}

function linkerArguments({ sysroot, cxx }: Folders, request: LinkRequest): string[] {
  const wasmLd = [`-fuse-ld=lld`, `--ld-path=${TOOLS.linker}`, '-nostdlib', '-o', request.output];
  if (request.relocatable) return [...wasmLd, '-r', ...request.args];
  const lib = join(sysroot, 'lib');
  const cxxLib = cxx !== undefined && request.cxxLibraries ? join(cxx, 'lib') : undefined;
  const flags = [...LINK_FLAGS, ...(cxxLib ? CXX_LINK_FLAGS : [])];
  return [
    ...wasmLd,
    // otherwise clang runs a wasm-opt that it finds in the PATH
    '--no-wasm-opt',
    ...flags.flatMap((flag) => ['-Xlinker', flag]),
    ...['-Xlinker', '-z', '-Xlinker', `stack-size=${request.stackSize}`],
    ...(request.startFile ? [join(lib, 'crt1.o')] : []),
    ...request.args,
    `-L${lib}`,
    ...(cxxLib ? [`-L${cxxLib}`, ...CXX_LIBRARIES.map((name) => join(cxxLib, name))] : []),
    ...(request.libc ? [join(lib, 'libc.a'), join(lib, 'libclang_rt.builtins.a')] : []),
  ];
}

/** The loops of all functions of this object are short, says their author. */
const NO_PREEMPT = '-mno-preempt';

/** One object, that of -o or the one named after the source. */
function compileWithoutPolls(folders: Folders, args: readonly string[]): number {
  const status = clang(folders, args);
  const source = args.find(isSource);
  const named = args
    .findLast((argument, index) => args[index - 1] === '-o' || /^-o./.test(argument))
    ?.replace(/^-o/, '');
  const object = named ?? (source && `${parse(source).name}.o`);
  if (status !== 0 || !object || !args.includes('-c')) return status;
  writeFileSync(object, writeModule(withoutPreemption(readModule(readFileSync(object)))));
  return 0;
}

const isSource = (argument: string) => /\.(?:[ciCm]|cc|cpp|cxx|c\+\+|ii)$/.test(argument);

/** Was source given that calls setjmp? See SETJMP_FLAGS. */
function mustCompileAgain({ args, output }: LinkRequest): boolean {
  if (!args.some(isSource)) return false;
  const names = new Set(readFunctionNames(readModule(readFileSync(output))).values());
  const isDone = names.has('__sanitizer_cov_trace_pc') || names.has('_Unwind_CallPersonality');
  return names.has('__wasm_setjmp') && !isDone;
}

function link(folders: Folders, request: LinkRequest): number {
  const status = clang(folders, linkerArguments(folders, request));
  if (status !== 0 || request.relocatable) return status;
  // build systems try options with -o /dev/null: a device is neither rewritten nor, after an error, removed
  if (!statSync(request.output, { throwIfNoEntry: false })?.isFile()) return status;
  try {
    if (mustCompileAgain(request))
      clang(folders, linkerArguments(folders, { ...request, args: [...SETJMP_FLAGS, ...request.args] }));
    writeFileSync(request.output, finishProgram(readFileSync(request.output), request));
    chmodSync(request.output, 0o755);
    return 0;
  } catch (error) {
    rmSync(request.output, { force: true });
    throw error;
  }
}

function main(args: readonly string[]): number {
  const folders: Folders = {
    sysroot: findSysroot(process.env),
    cxx: args[0] === CXX_MODE ? findCxx(process.env) : undefined,
  };
  const expanded = expandResponseFiles(args);
  for (const argument of expanded) {
    const text = answer(folders, argument);
    if (text !== undefined) {
      process.stdout.write(`${text}\n`);
      return 0;
    }
  }
  const withoutPolls = expanded.filter((argument) => argument !== NO_PREEMPT);
  if (withoutPolls.length === expanded.length) {
    if (compilesOnly(expanded)) return clang(folders, args);
  } else if (compilesOnly(expanded)) return compileWithoutPolls(folders, withoutPolls);
  else if (expanded.some(isSource)) throw new UnsupportedOption(`${NO_PREEMPT}: compile with -c, and link then`);
  return link(folders, parseLink(withoutPolls));
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof NoSysroot || error instanceof UnsupportedOption || error instanceof LinkError)) throw error;
  process.stderr.write(`${self}: ${error.message}\n`);
  process.exitCode = 1;
}
