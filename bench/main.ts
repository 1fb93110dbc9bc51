// SPDX-License-Identifier: MIT
/**
 * `npm run bench`: bench/kernel.c natively, pinned to one CPU (its faster mode for everything that goes to and fro), and in the
 * guest, in turn in one run, since only the ratio means something on a noisy machine. Prints a table and keeps it as JSON in
 * build/bench.json. Called by src/build/cli.ts.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchProgram } from '../src/build/bench-program.ts';
import { lastOutput } from '../src/build/last-output.ts';
import { root } from '../src/build/root.ts';

/** Nanoseconds of one operation by row. */
type Figures = Map<string, number>;

/** Runs everything and prints the table; returns an exit status. */
export async function runBench(): Promise<number> {
  const programs = lastOutput(root, benchProgram.name);
  if (!programs) throw new Error('the bench program has not been built');
  const command = join(root, 'wasmlinux');
  const boots = [1, 2, 3, 4, 5].map(() => milliseconds(command, ['run', 'true']));
  const native = figures('taskset', ['-c', '0', join(programs, 'native')]);
  const guest = figures(command, ['run', join(programs, 'guest.wasm')]);
  const rows = [...native].map(([name, ns]) => {
    const inGuest = guest.get(name);
    if (inGuest === undefined) throw new Error(`the guest has no row ${name}`);
    return { name, native: ns, guest: inGuest, ratio: inGuest / ns };
  });
  console.log(`${'row'.padEnd(34)}${'native'.padStart(12)}${'guest'.padStart(12)}${'ratio'.padStart(8)}`);
  for (const row of rows) {
    console.log(
      `${row.name.padEnd(34)}${duration(row.native).padStart(12)}${duration(row.guest).padStart(12)}${row.ratio.toFixed(2).padStart(8)}`,
    );
  }
  const boot = Math.min(...boots);
  console.log(`${'wasmlinux run true, start to exit'.padEnd(46)}${`${boot.toFixed(0)} ms`.padStart(12)}`);
  writeFileSync(join(root, 'build', 'bench.json'), `${JSON.stringify({ rows, boot }, undefined, 2)}\n`);
  return 0;
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, error } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${status}`);
  return stdout;
}

function figures(command: string, args: readonly string[]): Figures {
  const lines = run(command, args).trimEnd().split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('\t')), Number(line.slice(line.indexOf('\t') + 1))]));
}

function milliseconds(command: string, args: readonly string[]): number {
  const start = performance.now();
  run(command, args);
  return performance.now() - start;
}

function duration(ns: number): string {
  return ns < 10_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1000).toFixed(1)} µs`;
}
