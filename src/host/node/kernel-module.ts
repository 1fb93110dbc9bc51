// SPDX-License-Identifier: MIT
/**
 * Compiles a kernel: the largest single piece of a start; and tells V8 how to optimise wasm code. Called by src/cli and the
 * tests.
 */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { ownBuffer } from './own-buffer.ts';

/**
 * V8's optimiser puts the code of small functions (500 bytes) in place of their calls, and a function may so grow by a factor
 * of three. A kernel is made of long chains of small functions: with more of it a system call takes a tenth less, and often
 * more (docs/performance.md). In V8's bytes and nodes; a page has no such say.
 */
const inlining = ['--wasm-inlining-max-size=2000', '--wasm-inlining-budget=30000', '--wasm-inlining-min-budget=10000'];

/**
 * The module in a file. Its functions are validated only when they are compiled, at their first call: 9 ms in place of 31.
 * That is for kernels only, which we have built ourselves; a program must be refused before it runs. Throws a
 * WebAssembly.CompileError.
 */
export function loadKernel(path: string): WebAssembly.Module {
  const bytes = readFileSync(path);
  for (const flag of inlining) setFlagsFromString(flag);
  setFlagsFromString('--wasm-lazy-validation');
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    setFlagsFromString('--no-wasm-lazy-validation');
    // The module has a copy. An idle thread would keep these megabytes, since it collects no garbage.
    ownBuffer(bytes)?.transfer(0);
  }
}
