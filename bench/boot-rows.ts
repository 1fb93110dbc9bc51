// SPDX-License-Identifier: MIT
/** Measures the start of the command, whole and in parts, each round beside a bare start of the same Node. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Pty } from '../tests/harness/pty.ts';
import type { OnRow } from './program-rows.ts';
import { type Measurement, measurement } from './results.ts';
import { Outside, type Row } from './rows.ts';

const PROMPT = /# $/;

export interface BootPaths {
  /** The command `wasmlinux`. */
  readonly command: string;
  readonly kernel: string;
  readonly initramfs: string;
  /** The output of the step benchPrograms. */
  readonly programs: string;
}

/** Measures rows of the group `boot`, in so many rounds. */
export async function measureBootRows(
  rows: readonly Row[],
  rounds: number,
  paths: BootPaths,
  onRow: OnRow,
): Promise<Measurement[]> {
  const found = new Map(rows.map((row) => [row, [] as number[]]));
  const node: number[] = [];
  for (let round = 0; round < rounds; round++) {
    onRow(round, rounds, 'boot');
    node.push(timed(process.execPath, ['--eval', '']));
    found.get(Outside.prompt)?.push(await startToPrompt(paths.command));
    found.get(Outside.runTrue)?.push(timed(paths.command, ['run', 'true']));
    if (found.has(Outside.compile) || found.has(Outside.kernel)) {
      const { compile, kernel } = probe(paths);
      found.get(Outside.compile)?.push(compile);
      found.get(Outside.kernel)?.push(kernel);
    }
  }
  return [...found].map(([row, values]) => measurement(row, values, node));
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${status}: ${stderr}`);
  return stdout;
}

/** Nanoseconds from start to exit. */
function timed(command: string, args: readonly string[]): number {
  const began = performance.now();
  run(command, args);
  return (performance.now() - began) * 1e6;
}

async function startToPrompt(command: string): Promise<number> {
  await using pty = await Pty.start(`read go; exec '${command}'`);
  const began = performance.now();
  pty.type('\n');
  await pty.waitFor(PROMPT);
  return (performance.now() - began) * 1e6;
}

function probe({ kernel, initramfs, programs }: BootPaths): { readonly compile: number; readonly kernel: number } {
  const init = join(programs, 'guest', 'init.wasm');
  return JSON.parse(run(process.execPath, [join(import.meta.dirname, 'boot-probe.ts'), kernel, initramfs, init]));
}
