// SPDX-License-Identifier: MIT
/** Runs a tool of LLVM on this terminal, however long its command line is. Called by the drivers. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux takes 128 KiB for one argument, and some megabytes for all: less when the stack is limited. */
const LONG = 100_000;

/** The tool's exit status; as a shell has it when a signal has ended it, or when it can't be started. */
export function runTool(self: string, tool: string, args: readonly string[]): number {
  if (args.reduce((sum, argument) => sum + argument.length + 1, 0) < LONG) return run(self, tool, args);
  const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-'));
  try {
    const file = join(folder, 'arguments');
    writeFileSync(file, args.map((argument) => `"${argument.replace(/["\\]/g, '\\$&')}"\n`).join(''));
    return run(self, tool, [`@${file}`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The map of a link that has been done: the same once more, in silence, with the outputs elsewhere. */
export function mapOfLink(tool: string, args: (map: string, output: string) => readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-'));
  try {
    const map = join(folder, 'map');
    spawnSync(tool, args(map, join(folder, 'program')), { stdio: 'ignore' });
    return existsSync(map) ? readFileSync(map, 'utf8') : '';
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(self: string, tool: string, args: readonly string[]): number {
  const { status, signal, error } = spawnSync(tool, args, { stdio: 'inherit' });
  if (error) {
    process.stderr.write(`${self}: ${tool} does not start: ${error.message}\n`);
    return 127;
  }
  return status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
