// SPDX-License-Identifier: MIT
/**
 * What every object of a program is compiled with, and the tools that do it: the one list for libc's build (src/build), the
 * compiler driver (cc.ts) and the sysroot's wasmlinux.cfg.
 */

/** What configure scripts are told; clang itself gets CLANG_TARGET. */
export const TRIPLE = 'wasm32-unknown-linux-musl';

/** Not a -linux- triple: for those clang makes position-independent code, and with it a global offset table. */
const CLANG_TARGET = 'wasm32-unknown-unknown';

export const TOOLS = {
  clang: 'clang-22',
  linker: 'wasm-ld-22',
  ar: 'llvm-ar-22',
  ranlib: 'llvm-ranlib-22',
  objcopy: 'llvm-objcopy-22',
} as const;

export const COMPILE_FLAGS: readonly string[] = [
  `--target=${CLANG_TARGET}`,
  '-matomics',
  '-mbulk-memory',
  '-msign-ext',
  '-mnontrapping-fptoint',
  '-mmutable-globals',
  '-mmultivalue',
  '-mreference-types',
  // setjmp and longjmp are exceptions, in the standard's final form: an engine refuses a module that mixes both forms
  '-mexception-handling',
  '-mllvm',
  '-wasm-enable-sjlj',
  '-mllvm',
  '-wasm-use-legacy-eh=false',
  '-D__linux__=1',
  '-D__linux=1',
  '-D__unix__=1',
  '-D__unix=1',
  '-fno-pic',
];

export const DEFAULT_STACK_SIZE = 256 * 1024;
export const MAX_MEMORY = 1024 * 1024 * 1024;

/** See docs/abi.md for each of these exports. */
export const LINK_FLAGS: readonly string[] = [
  // our lists of functions go by symbol name
  '--no-demangle',
  // the only mode with thread-local storage; src/wasm/unshare-memory.ts takes the flag away again
  '--shared-memory',
  '--import-memory',
  '--export-memory',
  `--max-memory=${MAX_MEMORY}`,
  '--export-table',
  // function pointers 0, 1 and 2 would read as SIG_DFL, SIG_IGN and SIG_ERR
  '--table-base=4',
  // below the data, so that an overflow leaves the memory and traps
  '--stack-first',
  '--export=__stack_pointer',
  '--export-if-defined=__wasm_tp',
  '--export-if-defined=__tls_base',
];

/** In their place for a program of the profile "plain": the memory is its own, and nothing of a libc's is exported. */
export const PLAIN_LINK_FLAGS: readonly string[] = [
  '--no-demangle',
  '--stack-first',
  '--no-entry',
  ...['_start', 'main', '__main_argc_argv'].map((name) => `--export-if-defined=${name}`),
];

/** Of the link when it makes the code itself: COMPILE_FLAGS that the objects do not carry, and what only code calls. */
export const LTO_FLAGS: readonly string[] = [
  ...['-wasm-enable-sjlj', '-wasm-use-legacy-eh=false', '-exception-model=wasm'].flatMap((option) => [
    '-mllvm',
    option,
  ]),
  ...['__wasm_setjmp', '__wasm_setjmp_test', '__wasm_longjmp'].map((name) => `--undefined=${name}`),
];

/** Of the sysroot, for every link with libc: what clang's code calls. */
export const RUNTIMES: readonly string[] = ['libclang_rt.builtins.a', 'libclang_rt.ubsan_minimal.a'];

/** Of the sysroot: clang's --config file, which makes plain compilations need no other program. */
export const CONFIG_FILE = 'wasmlinux.cfg';

export function configFile(): string {
  const lines = [
    '# Written by the build from src/toolchain/target.ts.',
    '--sysroot=<CFGDIR>',
    // the other one, with a message for each place, is as large as a libc
    '-fsanitize-minimal-runtime',
    ...COMPILE_FLAGS,
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * For code that calls setjmp: the compiler puts a call at each edge of the control flow, which becomes a poll. A handler that a poll
 * runs may jump back into such a function, which only calls that the compiler knows of can be left for (src/wasm/polls.ts). Not where
 * there are exceptions of C++, too: clang 22 makes traps of their handlers then.
 */
export const SETJMP_FLAGS: readonly string[] = ['-fsanitize-coverage=edge,no-prune,trace-pc'];
