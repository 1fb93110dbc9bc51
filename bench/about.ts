// SPDX-License-Identifier: MIT
/** Where and when a run of the bench is made: what stands beside its figures. */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { root } from '../src/build/root.ts';
import { TOOLS } from '../src/toolchain/target.ts';
import type { Results } from './results.ts';

export function aboutThisRun(): Omit<Results, 'format' | 'rows'> {
  const changed = output('git', ['status', '--porcelain', '--untracked-files=no']) !== '';
  return {
    date: new Date().toISOString(),
    commit: `${output('git', ['rev-parse', '--short', 'HEAD']) || 'unknown'}${changed ? '+' : ''}`,
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown processor',
      processors: `${availableParallelism()} processors`,
      memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
      kernel: `Linux ${release()}`,
      // Whether it was a quiet moment.
      load: `load ${loadavg()[0]?.toFixed(1)} at the start`,
    },
    versions: {
      Node: process.versions.node,
      V8: process.versions.v8,
      clang: /version ([0-9.]+)/.exec(output(TOOLS.clang, ['--version']))?.[1] ?? 'unknown',
    },
  };
}

/** What a command prints; nothing when it can't be run. */
function output(command: string, args: readonly string[]): string {
  return spawnSync(command, args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';
}
