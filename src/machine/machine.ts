// SPDX-License-Identifier: MIT
/**
 * A machine: one kernel with its memory, stacks, clock and devices, and the programs that run on it. Everything lives in the
 * object, so that many machines may run at once; all of one machine runs on the thread that made it.
 *
 * Callers: the Workers of src/host, and tests. They own the devices and tell the machine of their changes by `interrupt`.
 */

import { StackReporter, wasmFrames } from '../debug/stack-lines.ts';
import { Processes } from '../process/processes.ts';
import type { SpaceCensus } from '../process/spaces.ts';
import { printable } from '../process/printable.ts';
import { type CallWatch, makeTrampoline } from '../process/trampoline.ts';
import { isTrap, makeStackEnd, signalOfTrap } from '../process/trap.ts';
import { Clock, Sleep, type Turn } from './clock.ts';
import { type ConsoleDevice, deviceImports, type StreamDevice } from './devices.ts';
import { instantiateKernel, type Kernel } from './kernel.ts';
import { HostCalls } from './host-calls.ts';
import { Halt, type HostImports, hostTaskFields, Irq } from './kernel-interface.ts';
import { HostLog } from './host-log.ts';
import { KernelMemory } from './kernel-memory.ts';
import { type MachineEnd, type ProgramTrap, STATUS_DEAD } from './machine-end.ts';
import { Stacks } from './stacks.ts';
import { type MakeTracer, type TaskDescription, type TracedMachine, type Tracer, watchedImports } from './tracer.ts';

/** sizeof(kernel_siginfo_t) */
const KERNEL_SIGINFO_BYTES = 48;
/** Bytes at the kernel's `scratch`. */
const SCRATCH_BYTES = 4096;
const PAGE_BYTES = 4096;
/** What crypto gives at once. */
const RANDOM_BYTES = 65536;

export interface MachineOptions {
  readonly kernel: WebAssembly.Module;
  /** cpio archives, unpacked one after the other. */
  readonly initramfs: readonly Uint8Array[];
  readonly commandLine: string;
  /** Bytes of the kernel's memory, a multiple of 64 KiB; what programs have is charged to it. */
  readonly memory: number;
  readonly console: ConsoleDevice;
  /** By number: 0 is the host's standard input, 1 output, 2 error. */
  readonly streams: readonly [StreamDevice, StreamDevice, StreamDevice];
  /** A byte, its number, for each signal that the host was sent: stream 3, which /sbin/session passes on to its command. */
  readonly signals?: StreamDevice;
  readonly turn: Turn;
  /** Takes lines of the host's log: why a program is not run, and the like. */
  readonly log?: (line: string) => void;
  /** Traces system calls. */
  readonly tracer?: MakeTracer;
}

export interface MachineCensus extends SpaceCensus {
  /** Engine stacks that sleep: those of tasks, but for the one that runs. */
  readonly stacks: number;
}

/** Makes a machine and boots it. Throws when the kernel is of another interface or does not fit into the memory. */
export function startMachine(options: MachineOptions): Machine {
  return new Machine(options);
}

export class Machine {
  /** How the machine has ended. Never rejects. */
  readonly ended: Promise<MachineEnd>;
  readonly #resolveEnded: (end: MachineEnd) => void;
  readonly #memory: KernelMemory;
  readonly #kernel: Kernel;
  readonly #bootStackPointer: number;
  readonly #stacks: Stacks;
  readonly #sleep: Sleep;
  /** What the host does as tasks of the kernel. */
  readonly calls: HostCalls;
  readonly #tracer: Tracer | undefined;
  readonly #kernelModule: WebAssembly.Module;
  readonly #processes: Processes;
  readonly #reporter = new StackReporter();
  /** Ends a stack: no wasm code can catch it. */
  readonly #stackEnd = makeStackEnd();
  /** Rejects what the idle stack sleeps on. */
  #finishIdle: ((error: Error) => void) | undefined;
  /** Interrupt lines raised since the last delivery. */
  #raised = 0;
  #lastTrap: Error | undefined;
  #programTrap: ProgramTrap | undefined;
  #isOver = false;

  constructor(options: MachineOptions) {
    const { promise, resolve } = Promise.withResolvers<MachineEnd>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.#memory = new KernelMemory(options.memory);
    const { turn } = options;
    const clock = new Clock();
    this.#sleep = new Sleep(clock, turn);
    this.#stacks = new Stacks({ turn, end: this.#stackEnd, onTrap: (error) => this.#trapped(error) });
    this.calls = new HostCalls(this.#memory, (lines) => this.interrupt(lines));
    const hostLog = new HostLog(options.log, clock);
    const processes = new Processes(this.#memory, (line) => hostLog.add(line));
    this.#processes = processes;
    this.#kernelModule = options.kernel;
    const tracer = options.tracer?.(this.#tracedMachine(clock, processes));
    this.#tracer = tracer;
    this.#kernel = instantiateKernel(options.kernel, this.#memory, {
      ...this.#timeImports(clock),
      ...this.#stacks.imports,
      ...(tracer && watchedImports(this.#stacks.imports, tracer)),
      signal_taken: (info, handler, result) =>
        tracer?.signalled(this.#memory.copy(info, KERNEL_SIGINFO_BYTES), handler, result),
      ...processes.imports,
      ...deviceImports(
        this.#memory,
        options.console,
        options.signals ? [...options.streams, options.signals] : options.streams,
      ),
      ...this.calls.imports,
      ...this.#endImports(),
    });
    const { exports, table, stackPointer } = this.#kernel;
    this.#bootStackPointer = stackPointer.value;
    const died = (error: unknown): never => {
      this.#die(error);
      throw this.#stackEnd;
    };
    const trampoline = makeTrampoline(exports, this.#memory, died, tracer && guarded(tracer, died));
    const { promising } = WebAssembly;
    this.#stacks.attach({
      entries: {
        task: promising(exports.task_entry),
        user: promising(exports.user_entry),
        vfork: promising(exports.vfork_entry),
      },
      stackPointer,
      leaveException: trampoline.leaveException,
    });
    processes.attach(table, trampoline);
    this.#boot(options);
  }

  /** Raises interrupt lines (Irq). Harmless at any time, also after the end. */
  interrupt(lines: number): void {
    if (this.#raised === 0 && lines !== 0) queueMicrotask(() => this.#deliver());
    this.#raised |= lines;
  }

  /** What the machine holds beside the kernel's memory, so that a leak can be seen. */
  get census(): MachineCensus {
    return { stacks: this.#stacks.sleeping, ...this.#processes.census };
  }

  /** All of the engine's memory behind an address space. Valid until it grows. */
  memoryOf(space: number): Uint8Array | undefined {
    return this.#processes.memoryOf(space);
  }

  /** Asks the kernel for an orderly shutdown. */
  powerButton(): void {
    this.interrupt(Irq.PowerButton);
  }

  /** Ends the machine now, without a word to the kernel. */
  terminate(status: number): void {
    this.#end({ how: 'Terminated', status });
  }

  /** Lays out the boot data: the archives, page-aligned, at the memory's end, and behind them a page with the command line. */
  #boot({ initramfs, commandLine, memory }: MachineOptions): void {
    const commandLineAt = memory - PAGE_BYTES;
    const length = initramfs.reduce((sum, archive) => sum + paddedLength(archive), 0);
    const initrd = (commandLineAt - length) & -PAGE_BYTES;
    if (initrd <= 0) throw new Error(`${memory} bytes of memory do not hold ${length} bytes of initramfs`);
    let at = initrd;
    for (const archive of initramfs) {
      this.#memory.put(at, archive);
      at += paddedLength(archive);
    }
    const commandLineLength = this.#memory.putText(commandLineAt, commandLine, PAGE_BYTES - 1);
    WebAssembly.promising(this.#kernel.exports.start)(memory, initrd, length, commandLineAt, commandLineLength).then(
      () => this.#die(new Error('the kernel has returned from its start')),
      (error: unknown) => this.#trapped(error),
    );
  }

  #timeImports(clock: Clock): Pick<HostImports, 'clock_monotonic' | 'clock_realtime' | 'random_seed' | 'idle'> {
    return {
      clock_monotonic: () => clock.monotonic(),
      clock_realtime: () => clock.realtime(),
      random_seed: (buf, n) => {
        const bytes = this.#memory.view(buf, n);
        for (let at = 0; at < bytes.length; at += RANDOM_BYTES) {
          crypto.getRandomValues(bytes.subarray(at, at + RANDOM_BYTES));
        }
      },
      idle: (deadline) =>
        new Promise((resolve, reject) => {
          this.#finishIdle = reject;
          this.#stacks.turned();
          this.#sleep.until(deadline, resolve);
        }),
    };
  }

  #tracedMachine(clock: Clock, processes: Processes): TracedMachine {
    return {
      describe: (task) => {
        const { exports } = this.#kernel;
        const address = exports.scratch();
        exports.task_describe(task, address);
        const words = this.#memory.words(address, hostTaskFields.length);
        return Object.fromEntries(hostTaskFields.map((field, index) => [field, words[index]])) as TaskDescription;
      },
      follow: (task) => this.#kernel.exports.task_follow(task),
      memoryOf: (space) => processes.memoryOf(space),
      now: () => clock.monotonic(),
    };
  }

  #endImports(): Pick<HostImports, 'stack_trace' | 'halt'> {
    return {
      stack_trace: (buf, n) => this.#memory.putText(buf, printable(this.#stackLines(callingStack()).join('\n')), n),
      halt: (how, status, message) => {
        switch (how) {
          case Halt.Exit:
            this.#end({ how: 'Exit', status: status & 0xff });
            break;
          case Halt.PowerOff:
            this.#end({ how: 'PowerOff', status: 0 });
            break;
          case Halt.Restart:
            this.#end({ how: 'Restart', status: 0 });
            break;
          case Halt.Halt:
            this.#end({ how: 'Halt', status: 0 });
            break;
          default:
            this.#dead(this.#memory.cString(message) || 'the kernel has stopped');
        }
        throw this.#stackEnd;
      },
    };
  }

  #deliver(): void {
    const lines = this.#raised;
    this.#raised = 0;
    if (this.#isOver) return;
    try {
      this.#kernel.exports.interrupt(lines);
    } catch (error) {
      this.#die(error);
    }
    this.#sleep.wake();
  }

  /** A stack has ended in an error: the current task's. The kernel knows whether that is a program's trap or its own. */
  #trapped(error: unknown): void {
    if (this.#isOver || error === this.#stackEnd) return;
    if (!isTrap(error)) {
      this.#die(error);
      return;
    }
    this.#lastTrap = error;
    try {
      const { signal, code } = signalOfTrap(error);
      this.#tracer?.trapped(error.message);
      const { exports } = this.#kernel;
      const description = exports.scratch();
      const report = printable([error.message, ...this.#stackLines(error).map((line) => `  in ${line}`)].join('\n'));
      this.#programTrap = { signal, report };
      this.#memory.putCString(description, report, SCRATCH_BYTES);
      WebAssembly.promising(exports.fault_entry)(signal, code, description).catch((second: unknown) => {
        // The kernel has failed to deal with it.
        if (second !== this.#stackEnd) this.#die(second);
      });
    } catch (failure) {
      this.#die(failure);
    }
  }

  /** The kernel can't go on, or what hosts it. */
  #die(error: unknown): void {
    const trap = error instanceof Error ? error : new Error(String(error));
    this.#lastTrap = trap;
    this.#dead(
      isTrap(error) ? `the engine has stopped the kernel: ${trap.message}` : `the host has failed: ${trap.stack}`,
    );
  }

  #dead(reason: string): void {
    if (this.#isOver) return;
    // A kernel that has panicked over a trap has the trap's stack in its reason.
    const lines = reason.includes('\n') ? [] : this.#stackLines(this.#lastTrap ?? callingStack());
    const parts = [reason, ...lines.map((line) => `  in ${line}`), this.#logTail()];
    this.#end({ how: 'Panic', status: STATUS_DEAD, report: printable(parts.filter(Boolean).join('\n')) });
  }

  /** The wasm functions on an error's stack, innermost first, with files and lines where they are known. */
  #stackLines(error: Error): string[] {
    return this.#reporter.lines(wasmFrames(error), [{ module: this.#kernelModule }, ...this.#processes.programs]);
  }

  #logTail(): string {
    try {
      const { exports, stackPointer } = this.#kernel;
      // The one that it has may be anywhere, and nothing of the old stacks is needed any more.
      stackPointer.value = this.#bootStackPointer;
      const address = exports.scratch();
      return this.#memory.text(address, exports.log_tail(address, SCRATCH_BYTES)).trimEnd();
    } catch {
      // Too dead to say anything.
      return '';
    }
  }

  #end(end: MachineEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sleep.cancel();
    this.#finishIdle?.(this.#stackEnd);
    this.#stacks.finishAll();
    this.calls.endAll();
    try {
      this.#tracer?.finish();
    } finally {
      this.#resolveEnded(this.#programTrap ? { ...end, trap: this.#programTrap } : end);
    }
  }
}

/** A tracer's failure is the machine's: no program may catch it. */
function guarded(tracer: Tracer, died: (error: unknown) => never): CallWatch {
  return {
    enter: (nr, args) => {
      try {
        tracer.enter(nr, args);
      } catch (error) {
        died(error);
      }
    },
    leave: (nr, result) => {
      try {
        tracer.leave(nr, result);
      } catch (error) {
        died(error);
      }
    },
  };
}

/** Archives begin on 4-byte boundaries; the kernel skips the zeros between them. */
const paddedLength = ({ length }: Uint8Array) => (length + 3) & ~3;

/** An error with the calling stack. */
function callingStack(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  try {
    return new Error();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
