// SPDX-License-Identifier: MIT
/** Runs the command `wasmlinux` as users do, from a shell with real pipes, for tests. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { root } from '../../src/build/root.ts';

export interface CommandResult {
  /** The exit status, or the name of the signal that ended it. */
  readonly status: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a script for bash in the top folder, pipefail on, standard input empty; `$1`, `$2` and so on are the given arguments.
 */
export async function bash(script: string, ...args: readonly string[]): Promise<CommandResult> {
  const child = spawn('bash', ['-o', 'pipefail', '-c', script, 'bash', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [status, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { status: signal ?? status, stdout, stderr };
}
