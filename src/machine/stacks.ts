// SPDX-License-Identifier: MIT
/**
 * The engine stacks of a machine: which is suspended, whose it is, which runs next. The kernel decides; this keeps the books.
 *
 * A task's stack begins as a promise (WebAssembly.promising) and sleeps in a suspending import. Resolving the promise that it
 * sleeps on makes it runnable as a microtask, after the calling stack has itself suspended; a new stack is begun from a
 * microtask too, never beneath another. So at any time at most one stack runs, the kernel's `current`.
 *
 * A stack that will never continue is finished by `end`, the error of a real trap (trap.ts): an abandoned one is never
 * reclaimed by the engine. Since beginning and finishing a stack is most of what a thread costs, the stack of one that has
 * returned is kept for the next task (SwitchFlag.StackFree).
 */

import { type HostImports, SwitchFlag } from './kernel-interface.ts';
import { TaskTable } from './task-table.ts';
import type { Turn } from './clock.ts';

/** Lets a stack that sleeps go on; with a promise that is rejected it ends instead. */
type Resume = (outcome: void | PromiseLike<void>) => void;

/** A stack that sleeps: `resolve` lets it go on, `reject` ends it. */
interface Suspended {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What stacks need of a kernel. */
export interface StackKernel {
  readonly entries: {
    readonly task: (task: number) => Promise<void>;
    readonly user: (task: number) => Promise<void>;
    readonly vfork: (parent: number) => Promise<void>;
  };
  readonly stackPointer: WebAssembly.Global;
  /** What unwinds a vfork child from the stack that its parent lent it (trampoline.ts). */
  leaveException(): unknown;
}

export interface StacksOptions {
  readonly turn: Turn;
  /** The error that ends a stack. */
  readonly end: Error;
  /** A stack has ended with an error that is not `end`. */
  readonly onTrap: (error: unknown) => void;
}

/** Switches after which the event loop is given a turn in any case: some 4 ms of tasks that only wake each other. */
const SWITCHES_PER_TURN = 4096;

/** Free stacks that are kept; each may have touched a megabyte. */
const FREE_STACKS = 16;

type StackImports = Pick<
  HostImports,
  | 'switch_to'
  | 'yield_turn'
  | 'task_restart'
  | 'task_release'
  | 'vfork_begin'
  | 'vfork_lend'
  | 'vfork_leave'
  | 'vfork_back'
>;

export class Stacks {
  readonly imports: StackImports;
  readonly #options: StacksOptions;
  #attached: StackKernel | undefined;
  /** By task. What lies there while its stack runs has been called, and calling it again does nothing. */
  readonly #suspended = new TaskTable<Resume>();
  /** Stacks that vfork parents have lent, until they are given back; by parent. */
  readonly #lent = new Map<number, Suspended>();
  /** What becomes of a stack that has ended with an error. */
  readonly #onEnd = (error: unknown): void => {
    if (error !== this.#options.end) this.#options.onTrap(error);
  };
  /** Rejected with the error that ends a stack. */
  readonly #ended: Promise<void>;
  /** Stacks of dead tasks that the next new ones begin on. */
  readonly #free: Suspended[] = [];
  #yielding: Suspended | undefined;
  #switches = 0;
  #isOver = false;

  constructor(options: StacksOptions) {
    this.#options = options;
    this.#ended = Promise.reject(options.end);
    // Nobody may be waiting for it, which is no failure.
    this.#ended.catch(() => undefined);
    const suspended = this.#suspended;
    // Of all ways to a promise and what resolves it this is the cheapest: one closure for all, and no third object.
    let switchedFrom = 0;
    const capture = (resolve: Resume): void => suspended.set(switchedFrom, resolve);
    this.imports = {
      switch_to: (prev, next, flags, lender) => {
        if (flags !== 0) return this.#switchRarely(prev, next, flags, lender);
        switchedFrom = prev;
        const stack = new Promise<void>(capture);
        this.#go(next);
        return stack;
      },
      yield_turn: () => {
        const stack = Promise.withResolvers<void>();
        this.#yielding = stack;
        this.turned();
        options.turn(stack.resolve);
        return stack.promise;
      },
      task_restart: (task) => {
        this.#begin('user', task);
        throw options.end;
      },
      task_release: (task) => {
        this.#end(this.#suspended.get(task));
        this.#suspended.set(task, undefined);
        this.#lent.get(task)?.reject(options.end);
        this.#lent.delete(task);
      },
      vfork_begin: (parent) => {
        this.#begin('vfork', parent);
        return this.#lend(parent);
      },
      vfork_lend: (child, parent) => {
        this.#suspended.set(child, this.#takeLent(parent).resolve);
      },
      vfork_leave: (child, parent) => {
        this.#begin('user', child);
        return this.#lend(parent);
      },
      vfork_back: (parent, stackPointer) => {
        const stack = this.#takeLent(parent);
        queueMicrotask(() => {
          this.#kernel.stackPointer.value = stackPointer;
          stack.resolve();
        });
      },
    };
  }

  /** The kernel whose imports these are; before its first stack begins. */
  attach(kernel: StackKernel): void {
    this.#attached = kernel;
  }

  get #kernel(): StackKernel {
    if (!this.#attached) throw new Error('the kernel is not attached yet');
    return this.#attached;
  }

  /** Engine stacks that sleep. */
  get sleeping(): number {
    return [...this.#suspended.values()].filter(Boolean).length + this.#lent.size;
  }

  /** The event loop has had a turn. */
  turned(): void {
    this.#switches = 0;
  }

  /** Finishes every stack that sleeps; none is begun or resumed any more. */
  finishAll(): void {
    this.#isOver = true;
    for (const resume of this.#suspended.values()) this.#end(resume);
    const sleeping = [...this.#lent.values(), ...this.#free, this.#yielding];
    this.#suspended.clear();
    this.#lent.clear();
    this.#free.length = 0;
    this.#yielding = undefined;
    for (const stack of sleeping) stack?.reject(this.#options.end);
  }

  /** Runs an entry on a new stack, in a microtask. */
  #begin(entry: keyof StackKernel['entries'], task: number): void {
    queueMicrotask(() => {
      if (!this.#isOver) this.#kernel.entries[entry](task).then(undefined, this.#onEnd);
    });
  }

  #beginTask(task: number, flags: number): void {
    const stack = flags & SwitchFlag.StartShared ? this.#free.pop() : undefined;
    if (stack) stack.resolve();
    else this.#begin('task', task);
  }

  /** A switch from a dead task, or to one that has no stack yet. */
  #switchRarely(prev: number, next: number, flags: number, lender: number): Promise<void> {
    const stack = Promise.withResolvers<void>();
    if (!(flags & SwitchFlag.PrevDead)) {
      this.#suspended.set(prev, stack.resolve);
    } else if (lender === 0) {
      if (flags & SwitchFlag.StackFree && this.#free.length < FREE_STACKS) this.#free.push(stack);
      else stack.reject(this.#options.end);
    } else {
      // The dead task's frames lie on its parent's stack: what resumes the parent unwinds them first.
      const { reject } = stack;
      this.#lent.set(lender, { resolve: () => reject(this.#kernel.leaveException()), reject });
    }
    if (flags & SwitchFlag.StartNext) this.#beginTask(next, flags);
    else this.#go(next);
    return stack.promise;
  }

  /** Resumes a task's stack: now, or when the event loop has had a turn. */
  #go(task: number): void {
    if (++this.#switches < SWITCHES_PER_TURN) this.#resume(task);
    else {
      this.turned();
      this.#options.turn(() => this.#resume(task));
    }
  }

  #resume(task: number): void {
    const resume = this.#suspended.get(task);
    if (resume) resume();
    else if (!this.#isOver) this.#options.onTrap(new Error(`task ${task.toString(16)} has no stack to go on with`));
  }

  /** Ends a stack that sleeps. */
  #end(resume: Resume | undefined): void {
    resume?.(this.#ended);
  }

  /** Lends the calling stack. */
  #lend(parent: number): Promise<void> {
    const stack = Promise.withResolvers<void>();
    this.#lent.set(parent, stack);
    return stack.promise;
  }

  #takeLent(parent: number): Suspended {
    const stack = this.#lent.get(parent);
    if (!stack) throw new Error(`task ${parent.toString(16)} has lent no stack`);
    this.#lent.delete(parent);
    return stack;
  }
}
