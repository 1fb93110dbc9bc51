// SPDX-License-Identifier: MIT
/** What Node's entry (src/index.ts) and the page's (src/browser.ts) both export beside `Linux`: one list, so that they can't differ. */
export type { MachineEnd } from '../machine/machine-end.ts';
export type { FileSystemStat } from '../task/file-structures.ts';
export type { FileChange } from '../task/file-watch.ts';
export { LinuxError } from '../task/linux-error.ts';
export type { RunLimits } from '../task/run.ts';
export type { Stdio, TerminalSize } from '../task/spawn.ts';
export type { CallArgument, CallResult } from '../task/user-task.ts';
export type { WaitStatus } from '../task/wait-status.ts';
export type { Encoding } from './encoding.ts';
export type { Environment } from './environment.ts';
export type { FileData, LinuxPath, Mode, OpenFlags, Time } from './file-arguments.ts';
export type { FileHandle, ReadOptions, ReadStreamOptions } from './file-handle.ts';
export type {
  CpOptions,
  LinuxFile,
  LinuxFs,
  ReaddirOptions,
  ReadFileOptions,
  WatchOptions,
  WriteFileOptions,
} from './files.ts';
export type {
  BootOptions,
  Command,
  CommandOptions,
  LinuxMachine,
  RunOptions,
  RunResult,
  SpawnOptions,
} from './linux.ts';
export type { LinuxProcess, SignalName } from './process.ts';
export type { Dirent, Stats } from './stats.ts';
export type { LinuxTask } from './task.ts';
export type { LinuxTerminal, TerminalView } from './terminal.ts';
