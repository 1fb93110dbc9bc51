// SPDX-License-Identifier: MIT
/** A program: a compiled module, what the loader knows of it, and what its first instance looked like at its beginning. */

import { PREEMPTION_MODE, readAbiNote } from '../wasm/abi-note.ts';
import type { Insertion } from '../wasm/insertions.ts';
import { codeOffset, readModule, type Section, writeModule } from '../wasm/module.ts';
import { pollSteps, type WithPolls } from '../wasm/polls.ts';
import { finish, type Steps } from '../wasm/steps.ts';
import { withBoundedGrowth } from './bounded-growth.ts';
import { type ProgramLimits, type ProgramShape, readProgramShape } from './program-shape.ts';

/** Memory and globals of an instance before its entry has run. */
export interface InitialState {
  /** Address of `memory`: below it there are zeros only (the stack, which a linker may put first). */
  readonly offset: number;
  /** Without the zeros before and behind it. */
  readonly memory: Uint8Array;
  /** Of the exported mutable globals, in the order of ProgramShape.mutableGlobals. */
  readonly globals: readonly number[];
}

/** Addresses from `begin` up to `end`. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/** Does its note say that it has polls, or shall have none? */
function saysItPolls(sections: readonly Section[]): boolean {
  const note = readAbiNote(sections);
  return note !== undefined && note.preemption !== PREEMPTION_MODE.none;
}

/** Throws the engine's CompileError: an invalid module might be a valid one with what the pass adds, and reach for that. */
function checkedPolls(
  bytes: Uint8Array<ArrayBuffer>,
  sections: readonly Section[],
  isTrusted: boolean,
): Steps<WithPolls> {
  if (!WebAssembly.validate(bytes)) new WebAssembly.Module(bytes);
  return pollSteps(sections, { isTrusted });
}

/** What is made of a module's bytes before there is a program. */
interface Parts {
  readonly shape: ProgramShape;
  readonly insertions: readonly Insertion[] | undefined;
  /** The bytes that run. */
  readonly running: Uint8Array<ArrayBuffer>;
  readonly hasNewPolls: boolean;
}

function* makeParts(bytes: Uint8Array<ArrayBuffer>, limits: ProgramLimits, isTrusted: boolean): Steps<Parts> {
  const sections = readModule(bytes);
  const shape = readProgramShape(sections, limits);
  const hasNewPolls = !(isTrusted && saysItPolls(sections));
  const polls = hasNewPolls ? yield* checkedPolls(bytes, sections, isTrusted) : { sections, insertions: [] };
  yield;
  const bounded = withBoundedGrowth(polls.sections, limits);
  return {
    shape: hasNewPolls ? readProgramShape(polls.sections, limits) : shape,
    insertions: polls.insertions,
    running: bounded === sections ? bytes : writeModule(bounded),
    hasNewPolls,
  };
}

export class Program {
  readonly module: WebAssembly.Module;
  readonly shape: ProgramShape;
  /** Where the contents of the code section begin: for reports that name lines. Undefined when they could not be right. */
  readonly codeOffset: number | undefined;
  /** Bytes of the module. */
  readonly size: number;
  /** The bytes that it was made of, if that was much work: equal ones make an equal program. */
  readonly original: Uint8Array | undefined;
  /** Was the module's word on polls believed? */
  readonly isTrusted: boolean;
  /** What the loader has put into its code, which its debug information does not know. */
  readonly insertions: readonly Insertion[];
  /** Found by a key, so that more instances will be wanted. */
  cached = false;
  initialState: InitialState | undefined;
  #stack: Range | undefined;

  private constructor(bytes: Uint8Array, isTrusted: boolean, { shape, insertions, running, hasNewPolls }: Parts) {
    this.shape = shape;
    this.insertions = insertions ?? [];
    this.module = new WebAssembly.Module(running);
    this.codeOffset = insertions && codeOffset(running);
    this.size = bytes.length;
    this.original = hasNewPolls ? bytes : undefined;
    this.isTrusted = isTrusted;
  }

  /** isTrusted: what the module says of its polls is believed. Throws UnsuitableModule, MalformedModule or the engine's CompileError. */
  static readonly make = (bytes: Uint8Array<ArrayBuffer>, limits: ProgramLimits, isTrusted: boolean): Program =>
    finish(Program.steps(bytes, limits, isTrusted));

  /** The same in pieces. */
  static *steps(bytes: Uint8Array<ArrayBuffer>, limits: ProgramLimits, isTrusted: boolean): Steps<Program> {
    return new Program(bytes, isTrusted, yield* makeParts(bytes, limits, isTrusted));
  }

  /** The stack that it begins with; empty when that is not known yet. */
  get stack(): Range {
    const { initialState, shape } = this;
    if (!this.#stack && initialState) {
      const end = initialState.globals[shape.mutableGlobals.indexOf('__stack_pointer')] ?? 0;
      // The note and the globals are the program's word.
      this.#stack = { begin: Math.max(end - shape.stackSize, 0), end: Math.min(end, shape.memory.initial * 65536) };
    }
    return this.#stack ?? { begin: 0, end: 0 };
  }
}
