// SPDX-License-Identifier: MIT
/**
 * A Linux machine, as those who embed it have it. src/index.ts (Node) and src/browser.ts (a page) give it to them as `Linux`, each
 * with its platform.
 */
import type { MachineClient } from '../host/worker/machine-client.ts';
import type { RemoteCaller } from '../host/worker/remote.ts';
import type { OutputSink } from '../host/worker/streams.ts';
import { Channel } from '../host/worker/protocol.ts';
import { type CpioEntry, cpioArchive, directory, file } from '../image/cpio.ts';
import { imageRoot } from '../image/root.ts';
import { runRequestArchive } from '../image/run-request.ts';
import type { MachineEnd } from '../machine/machine-end.ts';
import type { ResourceLimits } from '../task/resource-group.ts';
import type { RunLimits } from '../task/run.ts';
import type { MachineService } from '../task/service.ts';
import type { Stdio, TerminalSize } from '../task/spawn.ts';
import type { WaitStatus } from '../task/wait-status.ts';
import { type Environment, merged } from './environment.ts';
import { LinuxFs } from './files.ts';
import type { MachineThread, Platform } from './platform.ts';
import { LinuxProcess } from './process.ts';
import { LinuxTask } from './task.ts';
import { LinuxTerminal } from './terminal.ts';

const MEGABYTE = 1 << 20;
const DEFAULT_MEMORY = 128 * MEGABYTE;
/** Kernel, image and a first program need so much. */
const LEAST_MEMORY = 32 * MEGABYTE;
/** Kernel addresses are signed in places. */
const MOST_MEMORY = 2048 * MEGABYTE;
const WASM_PAGE = 65536;

export interface BootOptions {
  /** Bytes that the kernel and all programs have together, from 32 MiB to 2 GiB; default 128 MiB. */
  readonly memory?: number;
  /** The root file system, in place of the package's: a tar or cpio archive, an image of ext4, squashfs or erofs; not compressed. */
  readonly image?: Uint8Array;
  /** Variables for every program, beside PATH, HOME and the like. */
  readonly env?: Environment;
  /** Files to be there from the beginning, by absolute path: text, bytes, or bytes that may be executed. */
  readonly files?: Readonly<
    Record<string, string | Uint8Array | { readonly data: string | Uint8Array; readonly mode: number }>
  >;
  /** Is given what the kernel and programs write to the console. */
  readonly console?: (text: string) => void;
  /** Ends the machine when it aborts, at once; `boot` rejects with its reason then. */
  readonly signal?: AbortSignal;
  /** Default: a Worker of its own. */
  readonly thread?: MachineThread;
  /** More for the kernel's command line. */
  readonly kernelOptions?: string;
}

/** A line for /bin/sh, or a program (looked up in PATH) and its arguments. */
export type Command = string | readonly string[];

export interface CommandOptions {
  /** Absolute path; default: `/`. */
  readonly cwd?: string;
  /** Added to the machine's; undefined takes a variable away. */
  readonly env?: Environment;
  /** User and group to run as, default root; gid defaults to uid. */
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
}

export interface RunOptions extends CommandOptions {
  /** Its standard input, default empty. */
  readonly stdin?: string | Uint8Array;
  /** Milliseconds; then SIGTERM to all it has started, and SIGKILL a second later. */
  readonly timeout?: number;
  readonly limits?: RunLimits;
  /** An abort kills all that it has started, and `run` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface RunResult extends WaitStatus {
  readonly stdout: string;
  readonly stderr: string;
  /** The same as bytes, as they came. */
  readonly output: { readonly stdout: Uint8Array<ArrayBuffer>; readonly stderr: Uint8Array<ArrayBuffer> };
  readonly timedOut: boolean;
  /** It was killed since it wrote more than `limits.output`. */
  readonly truncated: boolean;
}

export interface SpawnOptions extends CommandOptions {
  /** Default: three pipes. */
  readonly stdio?: readonly [Stdio, Stdio, Stdio];
  /** A terminal of this size in their place. */
  readonly tty?: { readonly cols: number; readonly rows: number };
  /** Milliseconds; then SIGTERM to all it has started, and SIGKILL a second later. */
  readonly timeout?: number;
  /** Of what it and all that it starts may use together; what it leaves behind is killed. */
  readonly limits?: ResourceLimits;
  /** An abort kills all that it has started. */
  readonly signal?: AbortSignal;
}

export class LinuxMachine implements AsyncDisposable {
  /** Its files, as node:fs/promises has them. */
  readonly fs: LinuxFs;
  /** How the machine ended, whoever ended it. Never rejects. */
  readonly ended: Promise<MachineEnd>;
  /** Resolves, with the reason, the functions and the end of the kernel's log, if the kernel or its host dies. */
  readonly crashed: Promise<string>;
  readonly #client: MachineClient;
  readonly #service: RemoteCaller<MachineService>;
  readonly #env: Environment;

  protected constructor(client: MachineClient, env: Environment) {
    this.#client = client;
    this.#service = client.service;
    this.#env = env;
    this.fs = new LinuxFs(client.service);
    this.ended = client.ended;
    this.crashed = new Promise((resolve) => {
      void client.ended.then(({ report }) => report !== undefined && resolve(report));
    });
  }

  /**
   * Runs a command to its end. Resolves also when it fails: look at exitCode. Throws LinuxError when the program can't be started
   * (ENOENT: there is no such program or folder).
   */
  async run(command: Command, options: RunOptions = {}): Promise<RunResult> {
    const { stdin, signal } = options;
    const request = {
      ...this.#program(command, options),
      ...confinementOf(options),
      ...(stdin !== undefined && { stdin: bytesOf(stdin) }),
    };
    const { stdout, stderr, ...outcome } = await this.#service.call('run', [request], signal);
    return { ...outcome, stdout: textOf(stdout), stderr: textOf(stderr), output: { stdout, stderr } };
  }

  /** Starts a command, with streams to it. Throws LinuxError as `run`. */
  async spawn(command: Command, options: SpawnOptions = {}): Promise<LinuxProcess> {
    const { stdio = ['pipe', 'pipe', 'pipe'], tty, signal } = options;
    signal?.throwIfAborted();
    const request = {
      ...this.#program(command, { ...options, env: { ...(tty && { TERM: 'xterm-256color' }), ...options.env } }),
      ...confinementOf(options),
      ...(tty ? { terminal: sizeOf(tty) } : { stdio }),
    };
    const process = new LinuxProcess(this.#service, await this.#service.call('start', [request]));
    const kill = (): void => void process.kill('SIGKILL').catch(() => {});
    if (signal?.aborted) kill();
    signal?.addEventListener('abort', kill);
    process.exited.finally(() => signal?.removeEventListener('abort', kill)).catch(() => {});
    return process;
  }

  /** A command on a terminal, default a login shell, in the shape that xterm.js is wired to. */
  async terminal(options: SpawnOptions & { readonly command?: Command } = {}): Promise<LinuxTerminal> {
    const { command = ['/bin/sh', '-l'], tty = { cols: 80, rows: 24 }, ...rest } = options;
    return new LinuxTerminal(await this.spawn(command, { cwd: '/root', ...rest, tty }));
  }

  /**
   * Runs `work` as a Linux process of its own, whose system calls it makes: its pid, descriptors, folder and credentials. The process ends
   * with it: status 0, or 1 when it throws. An abort breaks off the call under way. Resolves with what `work` returns.
   */
  async task<T>(work: (sys: LinuxTask) => Promise<T>, options: { readonly signal?: AbortSignal } = {}): Promise<T> {
    const { signal } = options;
    signal?.throwIfAborted();
    const pid = await this.#service.call('begin', []);
    let status = 1;
    try {
      const result = await work(new LinuxTask(this.#service, pid, signal));
      status = 0;
      return result;
    } finally {
      await this.#service.call('finish', [pid, status]).catch(() => {});
    }
  }

  /** An orderly end: process 1 is told, file systems are unmounted. Resolves when the machine has ended. */
  async shutdown(): Promise<MachineEnd> {
    this.#client.pressPowerButton();
    return this.ended;
  }

  /** Ends the machine at once, whatever it is doing: all that is under way rejects. Files of the guest are gone. */
  async terminate(): Promise<void> {
    await this.#client.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }

  #program(command: Command, { cwd = '/', env, uid, gid = uid, groups }: CommandOptions) {
    const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : [...command];
    if (argv.length === 0)
      throw new TypeError('the command is empty: give a line for the shell, or a program and its arguments');
    return {
      argv,
      cwd,
      env: merged(this.#env, env),
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
      ...(groups && { groups }),
    };
  }
}

/** Boots a machine; resolves when it takes requests. What goes wrong before that is the rejection. */
export async function bootMachine(platform: Platform, options: BootOptions): Promise<MachineClient> {
  const { memory = DEFAULT_MEMORY, signal, image, thread = 'worker' } = options;
  signal?.throwIfAborted();
  if (!(memory >= LEAST_MEMORY && memory <= MOST_MEMORY)) {
    throw new RangeError(
      `memory: ${memory} bytes; a machine has from ${LEAST_MEMORY} (32 MiB) to ${MOST_MEMORY} (2 GiB)`,
    );
  }
  const bytes = Math.floor(memory / WASM_PAGE) * WASM_PAGE;
  const root = image && imageRoot(image, bytes);
  const files = options.files && filesArchive(options.files, root?.type);
  merged(options.env);
  let said = '';
  const decoder = new TextDecoder();
  const console: OutputSink = {
    lane: 'console',
    async write(data) {
      const text = decoder.decode(data, { stream: true });
      said += text;
      options.console?.(text);
    },
  };
  const client = await platform.start(
    thread,
    { inputs: {}, outputs: { [Channel.Console]: console, [Channel.Stdout]: console, [Channel.Stderr]: console } },
    async () => ({
      kernel: await platform.kernel(),
      initramfs: [
        await platform.archive(root ? 'root-boot.cpio' : 'initramfs.cpio'),
        runRequestArchive({ tasks: true, ...(root && { root: root.type }) }),
        ...(root ? [root.archive] : []),
        ...(files ? [files] : []),
      ],
      commandLine: ['console=hvc0', options.console ? '' : 'loglevel=0', root?.bootOption, options.kernelOptions]
        .filter(Boolean)
        .join(' '),
      memory: bytes,
      windowSize: undefined,
      serves: true,
    }),
  );
  const abort = (): void => void client.terminate();
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  void client.ended.then(() => {
    signal?.removeEventListener('abort', abort);
    // A Worker that has nothing to do any more would keep the process alive.
    return client.terminate();
  });
  const failed = client.ended.then((end) => {
    signal?.throwIfAborted();
    throw new Error(`the machine has ended while it booted: ${end.report ?? said.trim()}`);
  });
  failed.catch(() => {});
  // The machine's end rejects this, too, but does not say why.
  await client.service.call('ready', []).catch(() => failed);
  return client;
}

function filesArchive(files: NonNullable<BootOptions['files']>, root: string | undefined): Uint8Array {
  if (root !== undefined && root !== 'tree')
    throw new TypeError('files: an image of a file system takes no more; write them by fs');
  const known = new Set<string>();
  const entries = Object.entries(files).flatMap(([path, content]): CpioEntry[] => {
    if (!path.startsWith('/')) throw new TypeError(`files: "${path}" is not an absolute path`);
    const parts = [
      ...(root === undefined ? [] : ['root']),
      ...path.split('/').filter((part) => part !== '' && part !== '.'),
    ];
    if (parts.includes('..') || path.endsWith('/')) throw new TypeError(`files: "${path}" does not name a file`);
    const folders = parts.slice(0, -1).map((_, depth) => parts.slice(0, depth + 1).join('/'));
    const { data, mode } = typeof content === 'object' && 'data' in content ? content : { data: content, mode: 0o644 };
    return [
      ...folders.filter((folder) => !known.has(folder) && known.add(folder)).map((folder) => directory(folder)),
      file(parts.join('/'), bytesOf(data), mode & 0o7777),
    ];
  });
  return cpioArchive(entries);
}

function confinementOf({ timeout, limits, signal }: Pick<RunOptions, 'timeout' | 'limits' | 'signal'>) {
  if (timeout !== undefined && !(timeout >= 0))
    throw new RangeError(`timeout: ${timeout} is no number of milliseconds`);
  return {
    ...(timeout !== undefined && { timeout }),
    ...(limits && { limits }),
    // An abort must reach all.
    ...(signal && { confined: true }),
  };
}

function sizeOf({ cols, rows }: { readonly cols: number; readonly rows: number }): TerminalSize {
  return { columns: cols, rows };
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? new TextEncoder().encode(data) : data;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
