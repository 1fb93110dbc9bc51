// SPDX-License-Identifier: MIT
/** The file that wasm-ld has written becomes the program, in its place. Called by cc.ts and ld.ts. */

import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { finishProgram, type LinkOptions } from './link.ts';

/** Build systems try options with -o /dev/null: a device is neither rewritten nor, after an error, removed. */
export function isProgramFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Runs the passes; without a program left when one refuses. Throws LinkError. */
export function finishFile(path: string, options: LinkOptions): void {
  try {
    writeFileSync(path, finishProgram(readFileSync(path), options));
    chmodSync(path, 0o755);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}
