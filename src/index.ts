// SPDX-License-Identifier: MIT
/**
 * A real Linux in a Node process: the package's entry. A page has the same from src/browser.ts.
 *
 * @example
 * ```ts
 * import { Linux } from 'wasmlinux';
 *
 * await using linux = await Linux.boot();
 * const { stdout } = await linux.run('uname -sm; seq 3 | tac');
 * ```
 */
import { type BootOptions, bootMachine, LinuxMachine } from './library/linux.ts';
import { nodePlatform } from './library/node-platform.ts';

export class Linux extends LinuxMachine {
  /** Boots a machine. Resolves when it takes commands: some 0.1 s. Many may run at a time; nothing is shared but the kernel's code. */
  static async boot(options: BootOptions = {}): Promise<Linux> {
    return new Linux(await bootMachine(nodePlatform, options), options.env ?? {});
  }
}

export type { Environment } from './library/environment.ts';
export type { FileHandle } from './library/file-handle.ts';
export type { Encoding, FileChange, LinuxFs, OpenFlags, ReadOptions, WriteOptions } from './library/files.ts';
export type {
  BootOptions,
  Command,
  CommandOptions,
  LinuxMachine,
  RunOptions,
  RunResult,
  SpawnOptions,
} from './library/linux.ts';
export type { LinuxProcess, SignalName } from './library/process.ts';
export type { Dirent, Stats } from './library/stats.ts';
export type { LinuxTask } from './library/task.ts';
export type { LinuxTerminal, TerminalView } from './library/terminal.ts';
export { LinuxError } from './task/linux-error.ts';
export type { RunLimits } from './task/run.ts';
export type { WaitStatus } from './task/wait-status.ts';
