// SPDX-License-Identifier: MIT
/**
 * A real Linux in a page: the package's entry under the condition `browser`, with the names of src/index.ts. No server need send
 * special headers for it.
 *
 * @example
 * ```ts
 * import { Linux } from 'wasmlinux';
 *
 * const linux = await Linux.boot();
 * const { stdout } = await linux.run('uname -sm; seq 3 | tac');
 * ```
 */
import { type BrowserAssets, browserPlatform } from './library/browser-platform.ts';
import { type BootOptions, bootMachine, LinuxMachine } from './library/linux.ts';

export class Linux extends LinuxMachine {
  /**
   * Boots a machine in a Worker. Resolves when it takes commands. The files that it boots from are fetched once for all machines:
   * `assets` says where they are when that is not beside this program.
   */
  static async boot({
    assets,
    ...options
  }: BootOptions & { readonly assets?: Partial<BrowserAssets> } = {}): Promise<Linux> {
    return new Linux(await bootMachine(browserPlatform(assets), options), options.env ?? {});
  }
}

export type { BrowserAssets } from './library/browser-platform.ts';
export type { MachineEnd } from './machine/machine-end.ts';
export type { FileSystemStat } from './task/file-structures.ts';
export type { FileChange } from './task/file-watch.ts';
export { LinuxError } from './task/linux-error.ts';
export type { RunLimits } from './task/run.ts';
export type { Stdio, TerminalSize } from './task/spawn.ts';
export type { CallArgument, CallResult } from './task/user-task.ts';
export type { WaitStatus } from './task/wait-status.ts';
export type { Encoding } from './library/encoding.ts';
export type { Environment } from './library/environment.ts';
export type { FileData, LinuxPath, Mode, OpenFlags, Time } from './library/file-arguments.ts';
export type { FileHandle, ReadOptions, ReadStreamOptions } from './library/file-handle.ts';
export type {
  CpOptions,
  LinuxFile,
  LinuxFs,
  ReaddirOptions,
  ReadFileOptions,
  WatchOptions,
  WriteFileOptions,
} from './library/files.ts';
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
