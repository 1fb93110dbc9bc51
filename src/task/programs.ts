// SPDX-License-Identifier: MIT
/**
 * Programs and tasks of a machine, for the library: each method is one request from the other thread (service.ts). All arguments and
 * results are plain data.
 */
import { type ConfinedProgram, type Confinement, spawnConfined } from './confined.ts';
import { checked } from './descriptors.ts';
import { LinuxError } from './linux-error.ts';
import { type RunOutcome, type RunRequest, run } from './run.ts';
import { resizeTerminal, type SpawnRequest, type Spawned, type TerminalSize } from './spawn.ts';
import type { Streams } from './streams.ts';
import { Syscall } from './syscall-numbers.ts';
import type { HostProcess, TaskPool } from './task-pool.ts';
import { type CallArgument, type CallResult, UserTask } from './user-task.ts';
import type { WaitStatus } from './wait-status.ts';

/** Linux's EIO: what reading a terminal gives when nobody has its other end open any more. */
const EIO = 5;
const SIGKILL = 9;

export type StartRequest = Omit<SpawnRequest, 'prepare'> & Confinement;
export type Started = Omit<Spawned, 'exited'>;

export class Programs {
  readonly #pool: TaskPool;
  readonly #streams: Streams;
  /** Programs whose end nobody has asked for yet. */
  readonly #exits = new Map<number, Promise<WaitStatus>>();
  /** Those that one kill ends with all that they have started. */
  readonly #confined = new Map<number, ConfinedProgram>();
  readonly #tasks = new Map<number, { readonly process: HostProcess; readonly task: UserTask }>();

  constructor(pool: TaskPool, streams: Streams) {
    this.#pool = pool;
    this.#streams = streams;
  }

  /** Resolves when the machine takes requests, as all others do. */
  async ready(): Promise<void> {}

  run(request: RunRequest, signal?: AbortSignal): Promise<RunOutcome> {
    return run(this.#pool, this.#streams, request, signal);
  }

  /** Starts a program, whose end `wait` tells. */
  async start(request: StartRequest): Promise<Started> {
    const program = await spawnConfined(this.#pool, request, request);
    const { exited, ...started } = program.process;
    const released = exited.then(async (status) => {
      this.#confined.delete(started.pid);
      await program.release();
      return status;
    });
    // Its end may be the machine's.
    released.catch(() => {});
    if (program.isConfined) this.#confined.set(started.pid, program);
    this.#exits.set(started.pid, released);
    return started;
  }

  /** How a program that was started has ended, once it has. Only once. */
  async wait(pid: number): Promise<WaitStatus> {
    const exited = this.#exits.get(pid);
    if (!exited) throw new Error(`process ${pid} was not started from here`);
    try {
      return await exited;
    } finally {
      this.#exits.delete(pid);
    }
  }

  /** What a pipe or terminal of a program's has, once it has something; empty at its end. */
  async read(descriptor: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await this.#streams.read(descriptor, signal);
    } catch (error) {
      if (error instanceof LinuxError && error.errno === EIO) return new Uint8Array();
      throw error;
    }
  }

  write(descriptor: number, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#streams.write(descriptor, bytes, signal);
  }

  close(descriptor: number): Promise<void> {
    return this.#streams.close(descriptor);
  }

  /** pid: of a process, or the negative of a group's. */
  async kill(pid: number, signal: number): Promise<void> {
    const confined = signal === SIGKILL ? this.#confined.get(-pid) : undefined;
    if (confined) {
      confined.kill();
      return;
    }
    await this.#pool.use((task) => checked('kill', task.call(Syscall.kill, pid, signal)));
  }

  resize(terminal: number, size: TerminalSize): Promise<void> {
    return this.#pool.use((task) => resizeTerminal(task, terminal, size));
  }

  /** A process whose code is the user's; its number, by which `call` knows it. */
  async begin(): Promise<number> {
    const process = await this.#pool.process();
    this.#tasks.set(process.pid, { process, task: new UserTask(process.task) });
    return process.pid;
  }

  /** A system call of such a process. */
  async call(pid: number, name: string, args: readonly CallArgument[], signal?: AbortSignal): Promise<CallResult> {
    const found = this.#tasks.get(pid);
    if (!found) throw new Error(`task ${pid} has ended`);
    return found.task.call(name, args, signal);
  }

  /** Ends it, as exit_group(2) does; how it has ended, which may have been before. */
  async finish(pid: number, status: number): Promise<WaitStatus> {
    const found = this.#tasks.get(pid);
    if (!found) throw new Error(`task ${pid} has ended`);
    this.#tasks.delete(pid);
    const { task, exited } = found.process;
    task.cancel();
    await found.task.idle();
    // Never comes back.
    task.call(Syscall.exit_group, status).catch(() => {});
    return exited;
  }
}
