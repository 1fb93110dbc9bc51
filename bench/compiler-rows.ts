// SPDX-License-Identifier: MIT
/** Measures what bin/wasmlinux-cc and -c++ cost over the clang that they hand a compilation to, in turn. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../src/build/root.ts';
import { CXX_CONFIG_FILE } from '../src/toolchain/cxx-target.ts';
import { CONFIG_FILE, TOOLS } from '../src/toolchain/target.ts';
import type { OnRow } from './program-rows.ts';
import { type Measurement, measurement } from './results.ts';
import { COMPILATIONS, type Row } from './rows.ts';

/** Calls a round: the best of them counts, for a start is disturbed more often than a loop. */
const CALLS = 5;

/** Outputs of the steps of these names. */
export interface CompilerPaths {
  readonly libc: string;
  readonly cxx: string;
}

/** Measures rows of the group `compiler`, in so many rounds. */
export async function measureCompilerRows(
  rows: readonly Row[],
  rounds: number,
  { libc, cxx }: CompilerPaths,
  onRow: OnRow,
): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-bench-'));
  const env = { ...process.env, WASMLINUX_SYSROOT: libc, WASMLINUX_CXX: cxx };
  try {
    return Object.entries(COMPILATIONS).flatMap(([name, language], done, all) => {
      const row = rows.find((each) => each.name === name);
      if (!row) return [];
      const source = join(folder, `source.${language}`);
      writeFileSync(source, 'int answer(void) { return 42; }\n');
      const args = ['-O2', '-c', source, '-o', join(folder, 'object.o')];
      const configs = [join(libc, CONFIG_FILE), ...(language === 'cpp' ? [join(cxx, CXX_CONFIG_FILE)] : [])];
      const mode = language === 'cpp' ? ['--driver-mode=g++'] : [];
      const bare = [...configs.map((path) => `--config=${path}`), '-fno-pic', ...mode, ...args];
      const compiler = join(root, 'bin', name.split(' ')[0] ?? '');
      const ours: number[] = [];
      const clang: number[] = [];
      for (let round = 0; round < rounds; round++) {
        onRow(done * rounds + round, all.length * rounds, name);
        const times = Array.from({ length: CALLS }, () => [timed(compiler, args, env), timed(TOOLS.clang, bare, env)]);
        ours.push(Math.min(...times.map(([value = Infinity]) => value)));
        clang.push(Math.min(...times.map(([, value = Infinity]) => value)));
      }
      return [measurement(row, ours, clang)];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Nanoseconds from start to exit. */
function timed(command: string, args: readonly string[], env: NodeJS.ProcessEnv): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(command, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${status}: ${stderr}`);
  return (performance.now() - began) * 1e6;
}
