// SPDX-License-Identifier: MIT
/**
 * The compiler driver, run by bin/wasmlinux-cc when more than a compilation is asked for (that it hands to clang itself,
 * to save this file's start-up): answers what configure scripts ask, and links programs. bin/wasmlinux-c++ is the same with
 * clang's --driver-mode=g++.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModule, writeModule } from '../wasm/module.ts';
import { readFunctionNames } from '../wasm/names.ts';
import { withoutPreemption } from '../wasm/no-preempt.ts';
import { compilerArguments, compilesOnly, hasInput, isSource, type LinkRequest, parseLink } from './arguments.ts';
import { CXX_CONFIG_FILE, CXX_LIBRARIES, CXX_LINK_FLAGS, CXX_LTO_FLAGS } from './cxx-target.ts';
import { finishFile, isProgramFile } from './finish.ts';
import { LinkError } from './link.ts';
import { UnsupportedOption } from './linker-options.ts';
import { answer, FULL_VERSION, isQuestion, type Places } from './questions.ts';
import { expandResponseFiles } from './response-file.ts';
import { mapOfLink, runTool } from './run-tool.ts';
import { findCxx, findSysroot, NoSysroot } from './sysroot.ts';
import { CONFIG_FILE, LINK_FLAGS, LTO_FLAGS, PLAIN_LINK_FLAGS, RUNTIMES, SETJMP_FLAGS, TOOLS } from './target.ts';

const CXX_MODE = '--driver-mode=g++';
const BIN = fileURLToPath(new URL('../../bin', import.meta.url));
const self = process.argv[2] === CXX_MODE ? 'wasmlinux-c++' : 'wasmlinux-cc';

interface Folders {
  readonly sysroot: string;
  /** The C++ libraries, when the language is C++. */
  readonly cxx: string | undefined;
}

function clangArguments({ sysroot, cxx }: Folders, args: readonly string[]): string[] {
  const configs = [join(sysroot, CONFIG_FILE), ...(cxx === undefined ? [] : [join(cxx, CXX_CONFIG_FILE)])];
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  const all = [...configs.map((file) => `--config=${file}`), '-Qunused-arguments', ...options, '-fno-pic'];
  return [...all, ...args.slice(options.length)];
}

/** Runs clang on this terminal; its exit status. */
function clang(folders: Folders, args: readonly string[]): number {
  return runTool(self, TOOLS.clang, clangArguments(folders, args));
}

function placesOf({ sysroot, cxx }: Folders): Places {
  const folders = [sysroot, ...(cxx === undefined ? [] : [cxx])];
  return { bin: BIN, sysroot, libraries: folders.map((folder) => join(folder, 'lib')) };
}

function linkerArguments({ sysroot, cxx }: Folders, request: LinkRequest): string[] {
  const wasmLd = [`-fuse-ld=lld`, `--ld-path=${TOOLS.linker}`, '-nostdlib', '-o', request.output];
  if (request.relocatable) return [...wasmLd, '-r', ...request.args];
  const lib = join(sysroot, 'lib');
  const { plain } = request;
  const cxxLib = cxx !== undefined && request.cxxLibraries && !plain ? join(cxx, 'lib') : undefined;
  const flags = [...(plain ? PLAIN_LINK_FLAGS : LINK_FLAGS), ...(cxxLib ? CXX_LINK_FLAGS : [])];
  if (request.lto && !plain) flags.push(...LTO_FLAGS, ...(cxxLib ? CXX_LTO_FLAGS : []));
  return [
    ...wasmLd,
    // otherwise clang runs a wasm-opt that it finds in the PATH
    '--no-wasm-opt',
    ...flags.flatMap((flag) => ['-Xlinker', flag]),
    ...['-Xlinker', '-z', '-Xlinker', `stack-size=${request.stackSize}`],
    ...(request.startFile && !plain ? [join(lib, 'crt1.o')] : []),
    ...request.args,
    // a language that was named for standard input is not that of our libraries
    ...(request.args.includes('-x') ? ['-x', 'none'] : []),
    `-L${lib}`,
    ...(cxxLib ? [`-L${cxxLib}`, ...CXX_LIBRARIES.map((name) => join(cxxLib, name))] : []),
    ...(request.libc ? [...(plain ? [] : ['libc.a']), ...RUNTIMES].map((name) => join(lib, name)) : []),
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

/** With the response files read, the launcher can do the rest: it knows what needs a second compilation. */
function compile(folders: Folders, args: readonly string[], expanded: readonly string[]): number {
  const isFile = (argument: string) => argument.startsWith('@');
  return args.some(isFile) && !expanded.some(isFile)
    ? runTool(self, join(BIN, 'wasmlinux-cc'), expanded)
    : clang(folders, expanded);
}

/** Was source given that calls setjmp? See SETJMP_FLAGS. */
function mustCompileAgain({ args, output }: LinkRequest): boolean {
  if (!args.some(isSource)) return false;
  const names = new Set(readFunctionNames(readModule(readFileSync(output))).values());
  const isDone = names.has('__sanitizer_cov_trace_pc') || names.has('_Unwind_CallPersonality');
  return names.has('__wasm_setjmp') && !isDone;
}

function link(folders: Folders, request: LinkRequest): number {
  if (request.dryRun) return clang(folders, linkerArguments(folders, request));
  const status = clang(folders, linkerArguments(folders, request));
  if (status !== 0 || request.relocatable || !isProgramFile(request.output)) return status;
  if (mustCompileAgain(request))
    clang(folders, linkerArguments(folders, { ...request, args: [...SETJMP_FLAGS, ...request.args] }));
  const readMap = () =>
    mapOfLink(TOOLS.clang, (map, output) =>
      clangArguments(folders, [...linkerArguments(folders, { ...request, output }), '-Xlinker', `--Map=${map}`]),
    );
  finishFile(request.output, { ...request, readMap });
  return 0;
}

function main(args: readonly string[]): number {
  const folders: Folders = {
    sysroot: findSysroot(process.env),
    cxx: args[0] === CXX_MODE ? findCxx(process.env) : undefined,
  };
  const expanded = compilerArguments(expandResponseFiles(args));
  const question = expanded.find(isQuestion);
  if (question !== undefined) {
    const text = answer(placesOf(folders), question);
    if (question === FULL_VERSION) return clang(folders, ['-dumpversion']);
    if (text === undefined) return clang(folders, expanded);
    process.stdout.write(`${text}\n`);
    return 0;
  }
  const withoutPolls = expanded.filter((argument) => argument !== NO_PREEMPT);
  if (withoutPolls.length === expanded.length) {
    if (compilesOnly(expanded)) return compile(folders, args, expanded);
  } else if (compilesOnly(expanded)) return compileWithoutPolls(folders, withoutPolls);
  else if (expanded.some(isSource)) throw new UnsupportedOption(`${NO_PREEMPT}: compile with -c, and link then`);
  const request = parseLink(withoutPolls);
  return hasInput(request.args) ? link(folders, request) : clang(folders, expanded);
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof NoSysroot || error instanceof UnsupportedOption || error instanceof LinkError)) throw error;
  process.stderr.write(`${self}: ${error.message}\n`);
  process.exitCode = 1;
}
