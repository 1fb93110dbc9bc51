// SPDX-License-Identifier: MIT
/**
 * Prints which functions of an object are to be compiled with polls of the compiler's (target.ts: SETJMP_FLAGS), as a file for
 * -fsanitize-coverage-allowlist; nothing when there are none. Run by bin/wasmlinux-cc for code with setjmp and exceptions of C++.
 */

import { readFileSync } from 'node:fs';
import { MalformedModule } from '../wasm/binary.ts';
import { jumpingFunctions } from '../wasm/jumping-functions.ts';
import { readModule } from '../wasm/module.ts';

function functionsOf(path: string): string[] {
  try {
    return jumpingFunctions(readModule(readFileSync(path)));
  } catch (error) {
    // for a link that makes the code itself the object is none of wasm
    if (error instanceof MalformedModule) return [];
    throw error;
  }
}

const functions = functionsOf(process.argv[2] ?? '');
if (functions.length > 0) process.stdout.write(['src:*', ...functions.map((name) => `fun:${name}`), ''].join('\n'));
