// SPDX-License-Identifier: MIT
/** How the builders of programs compile: with the checkout's own wasmlinux-cc or -c++ against the output of the libc step, and libcxx. */
import { join } from 'node:path';
import { libc } from './libc.ts';
import { libcxx } from './libcxx.ts';
import type { Input, StepContext } from './step.ts';

/** What goes into the key of every step that compiles a program. */
export const compilerInputs: readonly Input[] = [
  { path: 'src/build/compiler.ts' },
  { path: 'bin' },
  { path: 'src/toolchain' },
  { path: 'src/wasm' },
  { path: 'src/process/abi-lists.ts' },
  // what moves the lines of a forkable program
  ...['dwarf-cursor', 'dwarf-sections', 'line-table'].map((name) => ({ path: `src/debug/${name}.ts` })),
];

/** Path of the compiler driver. */
export function compiler(context: StepContext): string {
  return join(context.root, 'bin', 'wasmlinux-cc');
}

/** What the driver must find in its environment; for StepContext.exec. */
export function compilerEnvironment(context: StepContext): Record<string, string> {
  return { WASMLINUX_SYSROOT: context.output(libc) };
}

/** Path of the C++ compiler driver. */
export function cxxCompiler(context: StepContext): string {
  return join(context.root, 'bin', 'wasmlinux-c++');
}

/** What the C++ driver must find in its environment. */
export function cxxCompilerEnvironment(context: StepContext): Record<string, string> {
  return { ...compilerEnvironment(context), WASMLINUX_CXX: context.output(libcxx) };
}
