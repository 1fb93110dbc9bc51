// SPDX-License-Identifier: MIT
/**
 * Follows the tasks of a machine and prints what they do, as strace(1) does. The machine (src/machine/tracer.ts) tells of each
 * entry into the kernel and of task switches; here a call is decoded by the table (syscalls.ts) and becomes a line (lines.ts).
 *
 * Traced is the command that the machine was booted for, from its execve on: the first program that a child of the session
 * (programs/session) executes; with `follow`, all that it makes.
 */

import { ForkState } from '../machine/kernel-interface.ts';
import type { MakeTracer, TaskDescription, TracedMachine, Tracer } from '../machine/tracer.ts';
import { EntryNumber } from '../process/entry-number.ts';
import { VFORK_RETURN } from '../process/trampoline.ts';
import { type Call, call, isError, isOutput, type SystemCall } from './call.ts';
import { signalName } from './constants/signals.ts';
import { errorName, errorText, isRestart } from './errors.ts';
import { type Filter, parseFilter } from './filter.ts';
import { Lines } from './lines.ts';
import type { TraceOptions } from './options.ts';
import { siginfo } from './siginfo.ts';
import { Summary } from './summary.ts';
import { Hidden, syscallOf } from './syscalls.ts';
import { hex, octal } from './text.ts';
import { hexNumber } from './types.ts';
import { UserMemory } from './user-memory.ts';

/** Where the session reads what it is to start (src/image/run-request.ts): by that it is known. */
const REQUESTS = '/run/host';

const OPENAT = 56;
const CLONE = 220;
const CLONE3 = 435;
const EXECVE = 221;
const EXECVEAT = 281;
const ERESTARTSYS = 512;
const ERESTART_RESTARTBLOCK = 516;
/** The trampoline's words (docs/abi.md). */
const SIGNAL_WORD = -4096;
const RESTART_WORD = -4098;
const FORK_WORD = -4099;
const STOPS: readonly number[] = [19, 20, 21, 22];
const SIG_DFL = 0;
/** In a status of wait(). */
const CORE_DUMPED = 0x80;

/** A call that has not returned. */
interface Pending {
  readonly entry: SystemCall;
  readonly words: Uint32Array;
  /** Is it to be seen? */
  readonly isShown: boolean;
  /** The line up to the first argument that the kernel writes: what lies in memory then may be gone when the call returns. */
  readonly opening: string;
  /** How many arguments that are. */
  readonly opened: number;
  /** Nanoseconds in the kernel so far. */
  time: number;
}

interface Task {
  readonly address: number;
  description: TaskDescription;
  isTraced: boolean;
  pending: Pending | undefined;
  /** The call that a signal has interrupted, and that the kernel may make again. */
  interrupted: { readonly call: Pending; readonly errno: number } | undefined;
  /** What the engine said of the trap whose signal comes next. */
  trap: string | undefined;
}

/** write: takes pieces of text. Throws FilterError. */
export function tracing(options: TraceOptions, write: (text: string) => void): MakeTracer {
  const filter = parseFilter(options.filters);
  return (machine) => new SyscallTracer(machine, options, filter, write);
}

class SyscallTracer implements Tracer {
  readonly #machine: TracedMachine;
  readonly #options: TraceOptions;
  readonly #filter: Filter;
  readonly #write: (text: string) => void;
  readonly #lines: Lines<Task>;
  readonly #summary: Summary | undefined;
  readonly #tasks = new Map<number, Task>();
  #currentAddress = 0;
  #currentTask: Task | undefined;
  #traced = 0;
  /** The process that starts the command, 0 while there is none; the command is found once. */
  #session = 0;
  #isCommandFound = false;
  #memory = new UserMemory(new Uint8Array());
  /** When the current task began or went on with its call. */
  #since = 0;

  constructor(machine: TracedMachine, options: TraceOptions, filter: Filter, write: (text: string) => void) {
    this.#machine = machine;
    this.#options = options;
    this.#filter = filter;
    this.#write = write;
    this.#lines = new Lines(write, (task) => this.#prefix(task));
    this.#summary = options.summary ? new Summary(options.counts) : undefined;
  }

  enter(nr: number, args: number): void {
    if (nr === Hidden.sigframeFetch || nr === Hidden.vforkResult || nr === Hidden.forkUnwound) return;
    const task = this.#current();
    if (!task.isTraced) {
      if (!this.#isCommandFound) this.#lookForCommand(task, nr, args);
      return;
    }
    // The second half of a fork: it goes on with the first, or is the child's beginning.
    if (nr === EntryNumber.fork && this.#machine.describe(task.address).forkState === ForkState.Rewind) return;
    // A clone that copies the process: this is how libc has it made.
    if (nr === EntryNumber.fork && task.pending && isClone(task.pending.entry.nr)) return;
    if (task.pending) this.#finish(task, undefined);
    task.interrupted = undefined;
    this.#begin(task, nr, args);
  }

  leave(nr: number, result: number): void {
    // The child has left the stack of a vfork: what it did last has been told.
    const isHalf = nr === Hidden.sigframeFetch || nr === Hidden.forkUnwound;
    if (isHalf || result === VFORK_RETURN || result === FORK_WORD) return;
    const task = this.#current();
    if (!task.isTraced) {
      task.pending = undefined;
      return;
    }
    if (nr === Hidden.vforkResult) {
      if (task.pending?.entry.nr === EntryNumber.vfork) this.#finish(task, result);
      return;
    }
    if (result === SIGNAL_WORD) {
      if (task.pending) this.#finish(task, undefined);
      task.interrupted = undefined;
      return;
    }
    if (nr === EntryNumber.fork && this.#machine.describe(task.address).forkState === ForkState.Unwind) return;
    const { interrupted } = task;
    task.interrupted = undefined;
    if (!task.pending && interrupted) {
      if (!isRestart(interrupted.errno)) return;
      this.#beginAgain(task, interrupted.call, interrupted.errno);
    }
    // A call that this task has not made is the birth of a child.
    if (task.pending) this.#finish(task, result === RESTART_WORD ? -ERESTARTSYS : result);
  }

  switched(address: number): void {
    if (this.#summary) {
      const now = this.#machine.now();
      const before = this.#tasks.get(this.#currentAddress);
      if (before?.pending) before.pending.time += now - this.#since;
      this.#since = now;
    }
    this.#currentAddress = address;
    this.#currentTask = undefined;
  }

  restarted(address: number): void {
    const task = this.#task(address);
    const { pending } = task;
    // Else it is the exit of a vfork child.
    if (pending && isExec(pending.entry.nr)) {
      if (task.description.tgid === this.#session) this.#forgetSession(task);
      else if (!task.isTraced) this.#found(task, pending);
      this.#finish(task, 0);
    }
    task.description = this.#machine.describe(address);
  }

  died(address: number): void {
    const task = this.#task(address);
    this.#tasks.delete(address);
    if (!task.isTraced) return;
    if (task.pending) this.#finish(task, undefined);
    const { exitCode } = this.#machine.describe(address);
    const signal = exitCode & 0x7f;
    this.#line(
      task,
      signal === 0
        ? `+++ exited with ${(exitCode >> 8) & 0xff} +++`
        : `+++ killed by ${signalName(signal)}${exitCode & CORE_DUMPED ? ' (core dumped)' : ''} +++`,
    );
    this.#traced--;
  }

  signalled(info: Uint8Array, handler: number, result: number): void {
    const task = this.#current();
    if (!task.isTraced) return;
    const { pending, interrupted } = task;
    if (pending) {
      this.#finish(task, result);
      task.interrupted = { call: pending, errno: -result };
    } else if (interrupted && isRestart(interrupted.errno)) {
      this.#beginAgain(task, interrupted.call, interrupted.errno);
      if (task.pending) this.#finish(task, result);
      task.interrupted = { call: interrupted.call, errno: -result };
    }
    const memory = new UserMemory(info);
    const signal = memory.i32(0);
    if (!this.#filter.showsSignal(signal)) return;
    const cause = task.trap === undefined ? '' : ` /* ${task.trap} */`;
    task.trap = undefined;
    this.#line(task, `--- ${signalName(signal)} ${siginfo.show(memory, 0, this.#callOf(NOTHING, 0))} ---${cause}`);
    if (handler === SIG_DFL && STOPS.includes(signal)) this.#line(task, `--- stopped by ${signalName(signal)} ---`);
  }

  trapped(message: string): void {
    const task = this.#current();
    // In the middle of a call it is the kernel that has trapped.
    if (task.pending) return;
    task.trap = message;
    // The frames of the call that a handler had interrupted are lost with the handler's.
    task.interrupted = undefined;
  }

  finish(): void {
    this.#lines.interrupt();
    if (this.#summary) this.#write(this.#summary.text());
  }

  /** A task that is not traced makes a call, and the command has not begun. */
  #lookForCommand(task: Task, nr: number, address: number): void {
    const { tgid, parent } = task.description;
    if (nr === OPENAT) {
      const memory = this.#memoryOf(task);
      const at = (address >>> 0) + 4;
      const path = memory.has(at, 4) ? memory.cString(memory.u32(at), 256) : undefined;
      if (path && String.fromCharCode(...path.bytes) === REQUESTS) this.#session = tgid;
    } else if (isExec(nr) && this.#session !== 0 && (parent === this.#session || tgid === this.#session)) {
      this.#begin(task, nr, address);
    }
  }

  /** It has become another program, as process 1 becomes the root's init before a login; init starts the session again. */
  #forgetSession(task: Task): void {
    this.#session = 0;
    task.pending = undefined;
  }

  /** The execve of the command has succeeded. Its arguments were kept: the memory that they were in is gone. */
  #found(task: Task, pending: Pending): void {
    this.#isCommandFound = true;
    task.isTraced = true;
    this.#traced++;
    this.#machine.follow(task.address);
    task.pending = { ...pending, isShown: this.#filter.showsCall(pending.entry.nr) };
    this.#open(task);
  }

  #begin(task: Task, nr: number, address: number): void {
    const entry = syscallOf(nr) ?? unknownCall(nr);
    const memory = this.#memoryOf(task);
    const words = new Uint32Array(6);
    const count = entry.arguments.reduce((sum, type) => sum + type.words, 0);
    const start = address >>> 0;
    if (nr >= 0 && memory.has(start, count * 4)) for (let i = 0; i < count; i++) words[i] = memory.u32(start + i * 4);
    const isShown = task.isTraced && this.#filter.showsCall(nr);
    const isDecoded = !this.#summary && (isShown || !task.isTraced);
    const { text, next } = this.#argumentTexts(this.#callOf(words, 0), entry, 0, isDecoded ? 'inputs' : 'none');
    const opening = `${entry.name}(${text}${text !== '' && isMoreToCome(entry, next) ? ', ' : ''}`;
    task.pending = { entry, words, isShown, opening, opened: next, time: 0 };
    if (this.#summary) this.#since = this.#machine.now();
    else this.#open(task);
  }

  /** Prints what is known before the call returns. */
  #open(task: Task): void {
    const { pending } = task;
    if (pending?.isShown && !this.#summary && !this.#filter.needsResult) this.#lines.begin(task, pending.opening);
  }

  /** The kernel has made an interrupted call again, by itself. */
  #beginAgain(task: Task, before: Pending, errno: number): void {
    const resumed = `restart_syscall(<... resuming interrupted ${before.entry.name} ...>`;
    const isResumed = errno === ERESTART_RESTARTBLOCK;
    const opening = isResumed ? resumed : before.opening;
    const opened = isResumed ? before.entry.arguments.length : before.opened;
    task.pending = { ...before, opening, opened, time: 0 };
    this.#open(task);
  }

  /** The call has returned; or it never will: `undefined`. */
  #finish(task: Task, result: number | undefined): void {
    const { pending } = task;
    if (!pending) return;
    task.pending = undefined;
    if (!pending.isShown) return;
    const { entry } = pending;
    if (this.#summary) {
      const time = pending.time + this.#machine.now() - this.#since;
      this.#summary.add(entry.name, result !== undefined && isError(result), time);
      return;
    }
    if (!this.#filter.showsResult(result)) return;
    const here = this.#callOf(pending.words, result ?? 0);
    if (this.#filter.needsResult) this.#lines.begin(task, pending.opening);
    const isCut = result === undefined && pending.opened < entry.arguments.length;
    const { text } = this.#argumentTexts(here, entry, pending.opened, 'all');
    const separator = text === '' || pending.opened === 0 || isMoreToCome(entry, pending.opened) ? '' : ', ';
    const rest = isCut ? ' <unfinished ...>' : separator + text;
    this.#lines.end(task, entry.name, `${rest})`, result === undefined ? '?' : resultText(entry, here));
  }

  /** Arguments from the one with index `first` on: to the end, or up to the first that the kernel writes. */
  #argumentTexts(here: Call, entry: SystemCall, first: number, which: 'all' | 'inputs' | 'none') {
    const texts: string[] = [];
    let at = 0;
    let next = 0;
    for (const [index, type] of entry.arguments.entries()) {
      if (which === 'none' || (which === 'inputs' && isOutput(type, here))) break;
      const text = index < first ? '' : type.show(here, at);
      if (text !== '') texts.push(text);
      at += type.words;
      next++;
    }
    return { text: texts.join(', '), next };
  }

  #callOf(words: Uint32Array, result: number): Call {
    const { stringLimit: limit, verbose } = this.#options;
    return { words, memory: this.#memory, result, limit, verbose };
  }

  #line(task: Task, text: string): void {
    if (!this.#summary) this.#lines.line(task, text);
  }

  #prefix({ description: { pid } }: Task): string {
    if (!this.#options.follow) return '';
    if (this.#options.toFile) return `${String(pid).padEnd(5)} `;
    return this.#traced > 1 ? `[pid ${String(pid).padStart(5)}] ` : '';
  }

  #current(): Task {
    this.#currentTask ??= this.#task(this.#currentAddress);
    this.#memoryOf(this.#currentTask);
    return this.#currentTask;
  }

  #task(address: number): Task {
    const known = this.#tasks.get(address);
    if (known) return known;
    const description = this.#machine.describe(address);
    const isTraced = this.#options.follow && description.followed === 1;
    if (isTraced) this.#traced++;
    const task: Task = {
      address,
      description,
      isTraced,
      pending: undefined,
      interrupted: undefined,
      trap: undefined,
    };
    this.#tasks.set(address, task);
    return task;
  }

  /** The memory of a task's program, for all that is shown next. */
  #memoryOf({ description }: Task): UserMemory {
    const bytes = this.#machine.memoryOf(description.space);
    if (bytes !== this.#memory.bytes) this.#memory = new UserMemory(bytes ?? NO_BYTES);
    return this.#memory;
  }
}

/** Makes traces of a task's death and birth possible where nothing is to be decoded. */
const NOTHING = new Uint32Array(6);
const NO_BYTES = new Uint8Array();

const isClone = (nr: number) => nr === CLONE || nr === CLONE3;
const isExec = (nr: number) => nr === EXECVE || nr === EXECVEAT;

/** Will the argument with index `next`, or one behind it, be shown whatever it is? Then a comma comes before it, at once. */
const isMoreToCome = (entry: SystemCall, next: number) =>
  entry.arguments.slice(next).some(({ isOptional }) => !isOptional);

function unknownCall(nr: number): SystemCall {
  return call(nr, `syscall_${hex(nr)}`, [hexNumber, hexNumber, hexNumber, hexNumber, hexNumber, hexNumber]);
}

function resultText(entry: SystemCall, here: Call): string {
  const { result } = here;
  if (result < 0 && isRestart(-result)) return `? ${errorName(-result)} (${errorText(-result)})`;
  if (isError(result)) return `-1 ${errorName(-result)} (${errorText(-result)})`;
  const kind = typeof entry.result === 'function' ? entry.result(here) : entry.result;
  const number =
    kind === 'hex' ? (result === 0 ? '0' : hex(result)) : kind === 'octal' ? octal(result) : String(result);
  const note = entry.note?.(here) ?? '';
  return note === '' ? number : `${number} (${note})`;
}
