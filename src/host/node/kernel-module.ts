// SPDX-License-Identifier: MIT
/** Compiles a kernel: the largest single piece of a start. Called by src/cli and the tests. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { ownBuffer } from './own-buffer.ts';

/**
 * The module in a file. Its functions are validated only when they are compiled, at their first call: 9 ms in place of 31.
 * That is for kernels only, which we have built ourselves; a program must be refused before it runs. Throws a
 * WebAssembly.CompileError.
 */
export function loadKernel(path: string): WebAssembly.Module {
  const bytes = readFileSync(path);
  setFlagsFromString('--wasm-lazy-validation');
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    setFlagsFromString('--no-wasm-lazy-validation');
    // The module has a copy. An idle thread would keep these megabytes, since it collects no garbage.
    ownBuffer(bytes)?.transfer(0);
  }
}
