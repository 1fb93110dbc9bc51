// SPDX-License-Identifier: MIT
/**
 * What a machine offers to and tells a tracer of system calls (src/trace): the border between them. A machine without a tracer
 * does none of this. Everything here is called in the middle of a program or of the kernel: nothing may suspend or wait.
 */
import type { CallWatch } from '../process/trampoline.ts';
import { type HostImports, type hostTaskFields, SwitchFlag } from './kernel-interface.ts';

/** struct host_task: see hostTaskFields. */
export type TaskDescription = Record<(typeof hostTaskFields)[number], number>;

/** What a tracer may ask. Tasks are the kernel's addresses. */
export interface TracedMachine {
  describe(task: number): TaskDescription;
  /** Lets the kernel tell of signals that this task and its descendants take. */
  follow(task: number): void;
  /** All of the memory behind an address space (TaskDescription.space): valid until the program goes on. */
  memoryOf(space: number): Uint8Array | undefined;
  /** Nanoseconds since the machine was made. */
  now(): number;
}

export interface Tracer extends CallWatch {
  /** The current task is from now on this one. */
  switched(task: number): void;
  /**
   * The current task goes on in user mode on another engine stack: its execve has succeeded, a vfork child exits, or a trap's
   * handler begins.
   */
  restarted(task: number): void;
  /** The task will never run again; it can still be described. */
  died(task: number): void;
  /** The current task is about to take a signal (the kernel's import signal_taken). info: a kernel_siginfo_t. */
  signalled(info: Uint8Array, handler: number, result: number): void;
  /** The current task has trapped; it will take a signal for it. message: the engine's words. */
  trapped(message: string): void;
  /** The machine has ended. */
  finish(): void;
}

/** Makes a machine's tracer. */
export type MakeTracer = (machine: TracedMachine) => Tracer;

type WatchedImports = Pick<HostImports, 'switch_to' | 'task_restart' | 'vfork_leave'>;

/** The imports that change which task runs and where, with the tracer told. */
export function watchedImports(imports: WatchedImports, tracer: Tracer): WatchedImports {
  return {
    switch_to: (prev, next, flags, lender) => {
      if (flags & SwitchFlag.PrevDead) tracer.died(prev);
      tracer.switched(next);
      return imports.switch_to(prev, next, flags, lender);
    },
    task_restart: (task) => {
      tracer.restarted(task);
      return imports.task_restart(task);
    },
    vfork_leave: (child, parent) => {
      tracer.restarted(child);
      return imports.vfork_leave(child, parent);
    },
  };
}
