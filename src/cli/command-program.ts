// SPDX-License-Identifier: MIT
/** COMMAND of `wasmlinux run` may be a WebAssembly file of the host: finds out, and reads it. Called by session.ts. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { reasonOf } from './host-error.ts';
import { UsageError } from './usage-error.ts';

/** "\0asm" */
const MAGIC = Buffer.from([0, 0x61, 0x73, 0x6d]);

/**
 * The contents of the host's file that `command` names, or undefined when it names a program of the guest. As in a shell
 * a plain word is not a file, except that `hello.wasm` is. Throws UsageError when a named .wasm file can't be used.
 */
export function hostProgram(command: string): Uint8Array | undefined {
  const isNamedWasm = command.endsWith('.wasm');
  if (!isNamedWasm && !command.includes('/')) return undefined;
  try {
    if (startsWithMagic(command)) return readFileSync(command);
  } catch (error) {
    // An absolute path, or a path that is not named .wasm, may be meant for the guest.
    if (!isNamedWasm || command.startsWith('/')) return undefined;
    throw new UsageError(`${command}: ${reasonOf(error)}`);
  }
  if (isNamedWasm) throw new UsageError(`${command}: not a WebAssembly module`);
  return undefined;
}

function startsWithMagic(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(MAGIC.length);
    return readSync(file, start, 0, start.length, 0) === start.length && start.equals(MAGIC);
  } finally {
    closeSync(file);
  }
}
