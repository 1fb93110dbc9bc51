// SPDX-License-Identifier: MIT
/**
 * The host tasks of a machine. All but those of `process` belong to one process, which /sbin/session starts: its threads are a pool,
 * since each blocked call holds one, and share descriptors, folder and credentials; its children become programs.
 *
 * One task, the maker, does nothing but make others: so there is always one that is free to.
 */
import { type HostCalls, type ServingTask, TaskEnded } from '../machine/host-calls.ts';
import { HostCall } from '../machine/kernel-interface.ts';
import { putStrings } from './arguments.ts';
import { HostTask, isError, mapBuffer, type TaskMemory } from './host-task.ts';
import { Syscall } from './syscall-numbers.ts';
import { readWaitStatus, SIGINFO_BYTES, type WaitStatus } from './wait-status.ts';

/** Threads at most; what comes then waits for one of them. */
const MOST_THREADS = 200;

/** clone(2): a thread; a child has none of these. */
const CLONE_THREAD_FLAGS = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000;
const SIGCHLD = 17;
const P_ALL = 0;
const WEXITED = 4;
const EINTR = 4;

/** What a pool needs of a machine. */
export interface TaskMachine extends TaskMemory {
  readonly calls: HostCalls;
}

/** A process that a host task is, until it executes a program. */
export interface HostProcess {
  readonly task: HostTask;
  readonly pid: number;
  /** Once it has ended and is reaped. Never rejects: when the machine ends it stays pending. */
  readonly exited: Promise<WaitStatus>;
  /** The task is no longer needed: it has executed a program, or ends. */
  release(): void;
}

interface MadeTask {
  readonly serving: ServingTask;
  /** The kernel's number. */
  readonly number: number;
  /** What it attaches with. */
  readonly token: number;
}

interface Exit {
  readonly exited: Promise<WaitStatus>;
  readonly resolve: (status: WaitStatus) => void;
}

export class TaskPool {
  readonly #machine: TaskMachine;
  readonly #maker: ServingTask;
  /** The last of the maker's works. */
  #making: Promise<unknown> = Promise.resolve();
  readonly #idle: HostTask[] = [];
  #threads = 0;
  /** Who waits for a thread, first come first served. */
  readonly #waiting: { readonly resolve: (task: HostTask) => void; readonly reject: (error: unknown) => void }[] = [];
  #isGrowing = false;
  /** Buffers of children that have become programs. */
  readonly #buffers: number[] = [];
  /** By process: a child may have ended before its number is known here. */
  readonly #exits = new Map<number, Exit>();
  /** Children that have not been reaped. */
  #children = 0;
  #isReaping = false;
  #nextToken = 1;

  private constructor(machine: TaskMachine, maker: ServingTask) {
    this.#machine = machine;
    this.#maker = maker;
  }

  /** Resolves when the machine has come so far as to serve: it must have been booted with RunRequest.tasks. */
  static async start(machine: TaskMachine): Promise<TaskPool> {
    return new TaskPool(machine, await machine.calls.attached(0));
  }

  /**
   * Gives `use` a thread of the pool until its promise settles, and passes on what that settles with. When `signal` aborts, the call
   * under way is cancelled, and so is each that follows; the promise rejects with the signal's reason then, unless `use` succeeds.
   */
  async use<T>(use: (task: HostTask) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const task = await this.#take();
    const cancel = () => task.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      signal?.throwIfAborted();
      return await use(task);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#give(task);
    }
  }

  /**
   * A new process, child of the pool's: it shares the memory, and has descriptors, folder and credentials of its own, which begin
   * as the pool's. To be made what is wanted by calls, and then a program by execve.
   */
  async child(): Promise<HostProcess> {
    return (await this.#child()).process;
  }

  async #child(): Promise<{ readonly process: HostProcess; readonly token: number }> {
    const buffer = this.#buffers.pop() ?? (await this.#make(() => mapBuffer(this.#maker)));
    let made: MadeTask;
    try {
      made = await this.#clone(SIGCHLD);
    } catch (error) {
      this.#buffers.push(buffer);
      throw error;
    }
    let isReleased = false;
    const process: HostProcess = {
      task: new HostTask(made.serving, this.#machine, buffer),
      pid: made.number,
      exited: this.#awaitExit(made.number),
      release: () => {
        if (!isReleased) this.#buffers.push(buffer);
        isReleased = true;
      },
    };
    return { process, token: made.token };
  }

  /** A new process with a memory of its own, whose code stays the host's. It ends by exit_group. */
  async process(): Promise<HostProcess> {
    const { process, token } = await this.#child();
    const { task, pid, exited, release } = process;
    const attached = this.#machine.calls.attached(token);
    const { path, argv, envp } = putStrings(task, '/proc/self/exe', ['host-task'], []);
    const result = await task.call(Syscall.execve, path, argv, envp);
    release();
    if (isError(result)) {
      this.#machine.calls.forget(token);
      void task.call(Syscall.exit_group, 127).catch(() => {});
      throw new Error(`a host process can't be made (errno ${-result})`);
    }
    const serving = await attached;
    return {
      task: new HostTask(serving, this.#machine, await mapBuffer(serving)),
      pid,
      exited,
      release: () => {},
    };
  }

  #take(): Promise<HostTask> {
    const idle = this.#idle.pop();
    if (idle) return Promise.resolve(idle);
    const { promise, resolve, reject } = Promise.withResolvers<HostTask>();
    this.#waiting.push({ resolve, reject });
    if (!this.#isGrowing) void this.#grow();
    return promise;
  }

  /** Makes threads, one at a time, as long as somebody waits for one: most calls are over sooner than a thread is made. */
  async #grow(): Promise<void> {
    this.#isGrowing = true;
    while (this.#waiting.length > 0 && this.#threads < MOST_THREADS) {
      try {
        const { serving } = await this.#clone(CLONE_THREAD_FLAGS);
        const task = new HostTask(serving, this.#machine, await mapBuffer(serving));
        this.#threads++;
        this.#give(task);
      } catch (error) {
        // Those that there are will do; without any, nobody can be helped.
        if (this.#threads === 0 || error instanceof TaskEnded) {
          for (const { reject } of this.#waiting.splice(0)) reject(error);
        }
        break;
      }
    }
    this.#isGrowing = false;
  }

  #give(task: HostTask): void {
    const next = this.#waiting.shift();
    if (next) next.resolve(task);
    else this.#idle.push(task);
  }

  /** Lets the maker do one thing after the other. */
  #make<T>(make: () => Promise<T>): Promise<T> {
    const made = this.#making.then(make);
    this.#making = made.catch(() => {});
    return made;
  }

  /** Another host task. */
  #clone(flags: number): Promise<MadeTask> {
    return this.#make(async () => {
      const token = this.#nextToken++;
      const attached = this.#machine.calls.attached(token);
      const number = await this.#maker.call(HostCall.Clone, [flags, token]);
      if (isError(number)) {
        this.#machine.calls.forget(token);
        throw new RangeError(`the machine has no room for a host task (errno ${-number})`);
      }
      return { serving: await attached, number, token };
    });
  }

  #awaitExit(pid: number): Promise<WaitStatus> {
    this.#children++;
    if (!this.#isReaping) {
      this.#isReaping = true;
      // Its end is the machine's.
      this.use((task) => this.#reap(task)).catch(() => {});
    }
    return this.#exit(pid).exited;
  }

  #exit(pid: number): Exit {
    const known = this.#exits.get(pid);
    if (known) return known;
    const { promise, resolve } = Promise.withResolvers<WaitStatus>();
    const exit = { exited: promise, resolve };
    this.#exits.set(pid, exit);
    return exit;
  }

  /** Waits for children as long as there are any. */
  async #reap(task: HostTask): Promise<void> {
    while (this.#children > 0) {
      const result = await task.call(Syscall.waitid, P_ALL, 0, task.buffer, WEXITED, 0);
      if (result === -EINTR) continue;
      if (isError(result)) break;
      this.#children--;
      const { pid, status } = readWaitStatus(task.bytes.subarray(task.buffer, task.buffer + SIGINFO_BYTES));
      const exit = this.#exit(pid);
      this.#exits.delete(pid);
      exit.resolve(status);
    }
    this.#isReaping = false;
  }
}
