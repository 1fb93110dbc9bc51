// SPDX-License-Identifier: MIT
/**
 * The calls that the host makes as tasks of the kernel (kernel/arch/wasm/kernel/host_task.c): the imports call_*, and for each
 * serving task an object through which src/task makes its calls. Owned by the machine.
 */
import { type HostImports, Irq } from './kernel-interface.ts';
import type { KernelMemory } from './kernel-memory.ts';

type CallImports = Pick<HostImports, Extract<keyof HostImports, `call_${string}`>>;

/** The lowest bit of an event: break the call off. */
const BREAK_OFF = 1;
const CALL_WORDS = 7;

/** The task has ended: it makes no call any more. */
export class TaskEnded extends Error {
  override readonly name: string = 'TaskEnded';
}

/** The machine has ended, and with it all tasks. */
export class MachineEnded extends TaskEnded {
  override readonly name = 'MachineEnded';
}

interface CallUnderWay {
  readonly resolve: (result: number) => void;
  readonly reject: (error: Error) => void;
}

interface Awaited {
  readonly resolve: (task: ServingTask) => void;
  readonly reject: (error: TaskEnded) => void;
}

/** A task of the kernel that serves the host. */
export class ServingTask {
  /** Its address space. */
  readonly space: number;
  readonly #wake: (event: number) => void;
  readonly #task: number;
  /** What it is to do, until it takes it. */
  #waiting: readonly number[] | undefined;
  #call: CallUnderWay | undefined;
  #end: TaskEnded | undefined;

  constructor(task: number, space: number, wake: (event: number) => void) {
    this.#task = task;
    this.space = space;
    this.#wake = wake;
  }

  /**
   * Makes a call: a system call's number and up to six arguments, 32 bits each. Resolves with its result, negative errno included.
   * Rejects with TaskEnded when the task ends before. One call at a time.
   */
  call(nr: number, args: readonly number[]): Promise<number> {
    if (this.#end) return Promise.reject(this.#end);
    if (this.#call) return Promise.reject(new Error('the task makes another call already'));
    this.#waiting = [nr, ...args, 0, 0, 0, 0, 0, 0].slice(0, CALL_WORDS);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#call = { resolve, reject };
    this.#wake(this.#task);
    return promise;
  }

  /** Breaks the call under way off: if it sleeps or is to be made, it results in -EINTR. */
  breakOff(): void {
    if (this.#call) this.#wake(this.#task | BREAK_OFF);
  }

  /** The kernel's: the next call, if there is one. */
  take(): readonly number[] | undefined {
    const call = this.#waiting;
    this.#waiting = undefined;
    return call;
  }

  /** The kernel's: the call has ended. */
  done(result: number): void {
    const call = this.#call;
    this.#call = undefined;
    call?.resolve(result);
  }

  /** The kernel's, or the machine's end. */
  end(reason: TaskEnded): void {
    this.#end = reason;
    this.#waiting = undefined;
    this.#call?.reject(reason);
    this.#call = undefined;
  }

  get makesCall(): boolean {
    return this.#call !== undefined;
  }
}

export class HostCalls {
  readonly imports: CallImports;
  readonly #serving = new Map<number, ServingTask>();
  /** Those that are to attach, by token. */
  readonly #awaited = new Map<number, Awaited>();
  /** Tasks to wake or to stop, oldest first. */
  #events: number[] = [];
  readonly #raise: () => void;

  /** raise: raises interrupt lines. */
  constructor(memory: KernelMemory, raise: (lines: number) => void) {
    this.#raise = () => raise(Irq.Call);
    this.imports = {
      call_attach: (task, space, token) => {
        const awaited = this.#awaited.get(token);
        if (!awaited) return 0;
        this.#awaited.delete(token);
        const serving = new ServingTask(task, space, (event) => this.#wake(event));
        this.#serving.set(task, serving);
        awaited.resolve(serving);
        return 1;
      },
      call_next: (task, call) => {
        const words = this.#serving.get(task)?.take();
        if (!words) return 0;
        memory.putWords(call, words);
        return 1;
      },
      call_done: (task, result) => this.#serving.get(task)?.done(result),
      call_left: (task) => this.#end(task, new TaskEnded('the task has ended')),
      call_event: () => this.#nextEvent(),
    };
  }

  /** The task that attaches with this token; 0 is the first one's, which a program gives the host by itself. */
  attached(token: number): Promise<ServingTask> {
    const { promise, resolve, reject } = Promise.withResolvers<ServingTask>();
    this.#awaited.set(token, { resolve, reject });
    // Who has not waited for it yet need not hear of the machine's end so.
    promise.catch(() => {});
    return promise;
  }

  /** Nobody awaits the task any longer. */
  forget(token: number): void {
    this.#awaited.delete(token);
  }

  /** The machine has ended: every call rejects. */
  endAll(): void {
    const reason = new MachineEnded('the machine has ended');
    for (const task of [...this.#serving.keys()]) this.#end(task, reason);
    for (const { reject } of this.#awaited.values()) reject(reason);
    this.#awaited.clear();
  }

  #end(task: number, reason: TaskEnded): void {
    this.#serving.get(task)?.end(reason);
    this.#serving.delete(task);
  }

  #wake(event: number): void {
    this.#events.push(event);
    this.#raise();
  }

  /** A task that has left, or has ended the call in the meantime, is not disturbed: its address may be another task's. */
  #nextEvent(): number {
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
      const serving = this.#serving.get(event & ~BREAK_OFF);
      if (serving?.makesCall) return event;
    }
    return 0;
  }
}
