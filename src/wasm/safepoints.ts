// SPDX-License-Identifier: MIT
/**
 * Lets the kernel interrupt a program that computes: inserts polls, so that no more than some milliseconds pass between two.
 *
 * Why so: one thread runs everything, and no engine can suspend a program in the middle of a loop. A counter in memory or in a
 * global at each loop costs a quarter of the speed; one in a local alone bounds nothing, since nested calls and recursion begin
 * it anew. So loops count in a local, and what overflows is charged to a global budget, which entries are charged to as well
 * (poll-plan.ts says which and how much; docs/performance.md has the figures of this scheme and of those that lost):
 *
 *   in a charged function, before it    budget -= units; if it is negative, call $ask
 *   calls anything (first-call.ts)
 *   before loops, the outermost         count = budget * odd * 2^32 / rounds
 *   at the header of a loop             count += 2^32 / rounds; if it is 0, call $poll(units), and go on
 *   $poll(units)                        budget -= units; if it is negative, call $ask
 *   $ask                                budget = preempt(); if that is a word and no budget, libc deals with it
 *   memory.copy and memory.fill         are called as functions that do a megabyte at a time, with a $poll after each
 *
 *   before  (func $f loop ... br 0 end)
 *   after   (func $f (local $count i32)  global.get $budget  i32.const ODD<<22  i32.mul  local.set $count  loop
 *             local.get $count  i32.const 2^22  i32.add  local.tee $count  i32.eqz  if  i32.const 513  call $poll  end
 *             ...  br 0  end)
 *   after   (func $f (local $count i32)  ...  block  loop  block  loop    (when nothing else is called in the loop)
 *             local.get $count  i32.const 2^22  i32.add  local.tee $count  i32.eqz  br_if 1
 *             ...  br 0  end  br 2  end  i32.const 513  call $poll  br 0  end  end)
 *
 * A loop that is left before its count is 0 has charged nothing, and may be entered again and again. So a count begins anywhere, at
 * what the budget's lowest bits happen to be (units are odd, so they change): of loops of 100 rounds one in ten is charged for 1024.
 *
 * preempt is the kernel's, which returns the next budget. Each `if` and `br_if` has a hint that it is not taken: without hints V8
 * keeps values in memory around the calls, and a matrix multiply takes twice as long.
 */

import { type Reader, Writer } from './binary.ts';
import { type BranchHint, readBranchHints, withBranchHints } from './branch-hints.ts';
import { BLOCK_VOID, TYPE } from './builder.ts';
import { bulkFunction, SMALL_BULK } from './bulk-memory.ts';
import { FUNCTION_TYPE, readFunctionTypes } from './function-types.ts';
import type { Insertion } from './insertions.ts';
import { MISC, OP } from './instructions.ts';
import { readLocals } from './locals.ts';
import { type BulkOperation, type FunctionCode, type Loop, type Mark, readFunctionCode } from './loops.ts';
import { EXTERNAL, readExports, readImports, SECTION, type Section, sectionReader } from './module.ts';
import { readFunctionNames, readGlobalNames, withFunctionNames, withGlobalNames } from './names.ts';
import { type FunctionPolls, hasCompiledPolls, type LoopPoll, type PollRules, pollPlanSteps } from './poll-plan.ts';
import { withElement, withSection } from './sections.ts';
import { finish, Pace, type Steps } from './steps.ts';

/** The export of the budget: an i32 that begins at 0, so that the first entry asks. A module that has one gets another. */
export const BUDGET_EXPORT = '__wasm_poll_budget';

/**
 * Units that a program has while it deals with a word of the kernel's: no poll shall come before it has. The budget is never what libc
 * says, so that no module can grant itself one.
 */
const HEEDING = 256;

/** Of 1024, and odd: multiples of it are spread evenly, whatever the steps in which a budget is spent. */
const GOLDEN_RATIO = 633;

export interface SafepointOptions extends PollRules {
  /** Index of the kernel's function [] -> [i32]: the next budget, or a word that is negative. */
  readonly preempt: number;
  /** Index of libc's function [i32] -> [] that deals with such a word. */
  readonly heed?: number | undefined;
}

export interface WithSafepoints {
  readonly sections: Section[];
  readonly insertions: readonly Insertion[];
}

/** Indices of what the pass adds. */
interface Added {
  /** A global. */
  readonly budget: number;
  /** Functions. */
  readonly ask: number;
  readonly poll: number;
  readonly copy: number;
  readonly fill: number;
}

/** A function's body, and where the hints in it are. */
class PollWriter {
  readonly body = new Writer();
  hints: BranchHint[] = [];
  readonly #added: Added;

  constructor(added: Added) {
    this.#added = added;
  }

  begin(): void {
    this.body.clear();
    this.hints = [];
  }

  /** budget = preempt(); and what else the kernel has to say. */
  ask({ preempt, heed }: Pick<SafepointOptions, 'preempt' | 'heed'>): void {
    const { body } = this;
    const { budget } = this.#added;
    body.byte(OP.call).u32(preempt).byte(OP.globalSet).u32(budget);
    if (heed === undefined) return;
    body.byte(OP.globalGet).u32(budget).byte(OP.i32Const).s32(0).byte(OP.i32LtS);
    this.#ifUnlikely();
    body.byte(OP.globalGet).u32(budget);
    body.byte(OP.i32Const).s32(HEEDING).byte(OP.globalSet).u32(budget);
    body.byte(OP.call).u32(heed).byte(OP.end);
  }

  #ifUnlikely(): void {
    this.hints.push({ offset: this.body.length, likely: 0 });
    this.body.byte(OP.if).byte(BLOCK_VOID);
  }

  /** budget -= what `cost` puts on the stack; if (budget < 0) ask(). temporary: a local. */
  charge(temporary: number, cost: () => void): void {
    const { body } = this;
    const { budget } = this.#added;
    body.byte(OP.globalGet).u32(budget);
    cost();
    body.byte(OP.i32Sub).byte(OP.localTee).u32(temporary).byte(OP.globalSet).u32(budget);
    body.byte(OP.localGet).u32(temporary).byte(OP.i32Const).s32(0).byte(OP.i32LtS);
    this.#ifUnlikely();
    body.byte(OP.call).u32(this.#added.ask).byte(OP.end);
  }

  entry(units: number, temporary: number): void {
    this.charge(temporary, () => this.body.byte(OP.i32Const).s32(units));
  }

  /** Lets a count begin at a round that nobody knows. */
  beginCount(count: number, rounds: number): void {
    const { body } = this;
    body.byte(OP.globalGet).u32(this.#added.budget);
    body
      .byte(OP.i32Const)
      .s32(GOLDEN_RATIO * (2 ** 32 / rounds))
      .byte(OP.i32Mul);
    body.byte(OP.localSet).u32(count);
  }

  /** Counts a round, and ends with whether so many are over. */
  count(count: number, { rounds }: LoopPoll): void {
    const { body } = this;
    body
      .byte(OP.localGet)
      .u32(count)
      .byte(OP.i32Const)
      .s32(2 ** 32 / rounds)
      .byte(OP.i32Add);
    body.byte(OP.localTee).u32(count).byte(OP.i32Eqz);
  }

  poll({ units }: LoopPoll): void {
    this.body.byte(OP.i32Const).s32(units).byte(OP.call).u32(this.#added.poll);
  }

  /** Around a loop that is left to poll. type: of its block. */
  beforeLoop(type: number): void {
    this.body.byte(OP.block).byte(type).byte(OP.loop).byte(type).byte(OP.block).byte(BLOCK_VOID);
  }

  leaveLoop(count: number, poll: LoopPoll): void {
    this.count(count, poll);
    this.hints.push({ offset: this.body.length, likely: 0 });
    this.body.byte(OP.brIf).u32(1);
  }

  afterLoop(poll: LoopPoll): void {
    this.body.byte(OP.br).u32(2).byte(OP.end);
    this.poll(poll);
    this.body.byte(OP.br).u32(0).byte(OP.end).byte(OP.end);
  }

  round(count: number, poll: LoopPoll): void {
    this.count(count, poll);
    this.#ifUnlikely();
    this.poll(poll);
    this.body.byte(OP.end);
  }

  bulk(op: BulkOperation['op']): void {
    this.body.byte(OP.call).u32(op === MISC.memoryCopy ? this.#added.copy : this.#added.fill);
  }
}

interface Body {
  /** Where it begins and ends, and where its instructions begin. */
  readonly start: number;
  readonly end: number;
  readonly instructions: number;
  /** Declarations of locals, and locals. */
  readonly groups: number;
  readonly locals: number;
  readonly code: FunctionCode;
}

function* readBodies(reader: Reader, marked: number | undefined): Steps<Body[]> {
  const bodies: Body[] = [];
  const pace = new Pace('bytes');
  for (let left = reader.u32(); left > 0; left--) {
    const size = reader.u32();
    const start = reader.position;
    const end = start + size;
    const { groups, count } = readLocals(reader);
    const instructions = reader.position;
    const code = readFunctionCode(reader, end, marked);
    bodies.push({ start, end, instructions, groups, locals: count, code });
    if (pace.isDone(end)) yield;
  }
  return bodies;
}

const NO_POLLS: FunctionPolls = { entry: 0, loops: [] };
const NOTHING_OLD: OldParts = { hints: [], dropped: [] };

const isLarge = ({ length }: BulkOperation) => length === undefined || length < 0 || length > SMALL_BULK;

/** Block types of one byte that are no index of a type. */
const FIRST_PLAIN_TYPE = 0x40;
const LAST_PLAIN_TYPE = 0x7f;
/** Blocks that beforeLoop() puts around a loop. */
const AROUND_LOOP = 3;

/**
 * Is the loop left to poll? Only then does V8 unroll it; and values that live in it stay in registers, which a call in it would
 * take. Where it calls something else, there is nothing to gain. bytes: what the loop's positions count in.
 */
function isLeftToPoll({ at, isInnermost, hasHandlers, calls, indirectCalls }: Loop, bytes: Uint8Array): boolean {
  const type = bytes[at + 1] ?? 0;
  const callsNothing = calls.length === 0 && indirectCalls.length === 0;
  return isInnermost && !hasHandlers && callsNothing && type >= FIRST_PLAIN_TYPE && type <= LAST_PLAIN_TYPE;
}

/** The loops that poll and are in no other such loop, and how many rounds there are between the polls in each. */
function outermostLoops(polls: readonly LoopPoll[]): Map<Loop, Set<number>> {
  const polled = new Set(polls.map(({ loop }) => loop));
  const result = new Map<Loop, Set<number>>();
  for (const { loop, rounds } of polls) {
    let outermost = loop;
    for (let outer = loop.outer; outer; outer = outer.outer) if (polled.has(outer)) outermost = outer;
    const all = result.get(outermost);
    if (all) all.add(rounds);
    else result.set(outermost, new Set([rounds]));
  }
  return result;
}

/** What stands from `at` to `end` is replaced by what it writes. */
interface Change {
  readonly at: number;
  readonly end: number;
  readonly write: () => void;
}

const insertion = (at: number, write: () => void): Change => ({ at, end: at, write });

interface OldParts {
  readonly hints: readonly BranchHint[];
  /** What is left out. */
  readonly dropped: readonly Mark[];
}

/** Writes bodies with polls, one by one, and keeps count of where everything went. */
class CodeWriter {
  readonly code: Writer;
  readonly insertions: Insertion[] = [];
  readonly hints = new Map<number, readonly BranchHint[]>();
  readonly #bytes: Uint8Array;
  readonly #writer: PollWriter;

  constructor(bytes: Uint8Array, bodies: number, added: Added) {
    this.#bytes = bytes;
    this.#writer = new PollWriter(added);
    this.code = new Writer().u32(bodies);
  }

  /** index: of the function; parameters: how many it has. */
  put(index: number, parameters: number, body: Body, polls: FunctionPolls, old: OldParts): void {
    const { hints, dropped } = old;
    const { start, end, instructions, groups, locals, code } = body;
    const writer = this.#writer;
    const bytes = this.#bytes;
    writer.begin();
    const out = writer.body;
    const moves: Insertion[] = [];
    let copied = start;
    let hint = 0;
    const copyTo = (to: number): void => {
      for (let next = hints[hint]; next && start + next.offset < to; next = hints[++hint]) {
        writer.hints.push({ offset: out.length + (start + next.offset - copied), likely: next.likely });
      }
      out.put(bytes.subarray(copied, to));
      copied = to;
    };
    const moved = (): void => {
      moves.push({ at: copied, by: out.length - (copied - start) });
    };

    const first = parameters + locals;
    const classes = [...new Set(polls.loops.map((loop) => loop.rounds))];
    const counter = (loop: LoopPoll) => first + classes.indexOf(loop.rounds);
    const temporary = first + classes.length;
    const more = classes.length + (polls.entry > 0 ? 1 : 0);
    if (more > 0) {
      copied += new Writer().u32(groups).length;
      out.u32(groups + 1);
    }
    copyTo(instructions);
    if (more > 0) out.u32(more).byte(TYPE.i32);
    moved();
    const nothing = () => undefined;
    const entry = code.beforeCalls ?? instructions;
    const changesOf = (poll: LoopPoll): Change[] => {
      const { loop } = poll;
      const count = counter(poll);
      if (!isLeftToPoll(loop, bytes)) return [insertion(loop.body, () => writer.round(count, poll))];
      return [
        insertion(loop.at, () => writer.beforeLoop(bytes[loop.at + 1] ?? 0)),
        insertion(loop.body, () => writer.leaveLoop(count, poll)),
        ...loop.exits.map(({ at, end, label }) => ({ at, end, write: () => out.u32(label + AROUND_LOOP) })),
        insertion(loop.end + 1, () => writer.afterLoop(poll)),
      ];
    };
    const beginCounts = (all: ReadonlySet<number>): void => {
      for (const rounds of all) writer.beginCount(first + classes.indexOf(rounds), rounds);
    };
    const changes: Change[] = [
      ...[...outermostLoops(polls.loops)].map(([loop, all]) => insertion(loop.at, () => beginCounts(all))),
      ...(polls.entry > 0 ? [insertion(entry, () => writer.entry(polls.entry, temporary))] : []),
      ...polls.loops.flatMap(changesOf),
      ...code.bulk.filter(isLarge).map((bulk) => ({ ...bulk, write: () => writer.bulk(bulk.op) })),
      ...dropped.map((mark) => ({ ...mark, write: nothing })),
    ].sort((one, other) => one.at - other.at);
    for (const change of changes) {
      copyTo(change.at);
      change.write();
      copied = change.end;
      moved();
    }
    copyTo(end);
    this.#finish(index, start, moves);
  }

  /** A function of the pass's own. */
  putNew(index: number, write: (writer: PollWriter) => void): void {
    this.#writer.begin();
    this.#writer.body.u32(0);
    write(this.#writer);
    this.#writer.body.byte(OP.end);
    this.#finish(index, 0, []);
  }

  #finish(index: number, start: number, moves: readonly Insertion[]): void {
    const { body, hints } = this.#writer;
    if (hints.length > 0) this.hints.set(index, hints);
    this.code.u32(body.length);
    const shift = this.code.length - start;
    for (const { at, by } of moves) this.insertions.push({ at, by: by + shift });
    this.code.put(body.view());
  }
}

const { i32 } = TYPE;

/** The module with polls; undefined when it needs none. */
export const withSafepoints = (sections: readonly Section[], options: SafepointOptions): WithSafepoints | undefined =>
  finish(safepointSteps(sections, options));

/** The same in pieces. */
export function* safepointSteps(
  sections: readonly Section[],
  { preempt, heed, ...rules }: SafepointOptions,
): Steps<WithSafepoints | undefined> {
  const imports = readImports(sections);
  const count = (kind: number) => imports.filter((entry) => entry.kind === kind).length;
  const importedFunctions = count(EXTERNAL.function);
  const functionTypes = sectionReader(sections, SECTION.function).vector((reader) => reader.u32());
  const poll = importedFunctions + functionTypes.length;
  const added: Added = {
    budget: count(EXTERNAL.global) + sectionReader(sections, SECTION.global).u32(),
    ask: poll + 1,
    poll,
    copy: poll + 2,
    fill: poll + 3,
  };

  const reader = sectionReader(sections, SECTION.code);
  const bodies = yield* readBodies(reader, rules.compiled?.poll);
  const plans = yield* pollPlanSteps(
    sections,
    reader.bytes,
    bodies.map(({ code }) => code),
    rules,
  );
  const hasBulk = bodies.some(({ code }) => code.bulk.some(isLarge));
  const isNeeded = plans.some(({ entry, loops }) => entry > 0 || loops.length > 0);
  if (!isNeeded && !hasBulk) return undefined;
  // It runs beneath JavaScript, where nothing may suspend, and the loader sees to it that it only fills memory.
  const start = sections.some(({ id }) => id === SECTION.start) ? sectionReader(sections, SECTION.start).u32() : -1;
  const types = readFunctionTypes(sections);
  const hints = readBranchHints(sections);
  const writer = new CodeWriter(reader.bytes, bodies.length + (hasBulk ? 4 : 2), added);
  const pace = new Pace('bytes');
  for (const [own, body] of bodies.entries()) {
    if (pace.isDone(body.start)) yield;
    const index = importedFunctions + own;
    const parameters = types[functionTypes[own] ?? 0]?.params.length ?? 0;
    if (index === start) {
      writer.put(index, 0, { ...body, code: { ...body.code, bulk: [] } }, NO_POLLS, NOTHING_OLD);
      continue;
    }
    const dropped = hasCompiledPolls(body.code, rules) ? [] : body.code.marks;
    const old = { hints: hints.get(index) ?? [], dropped };
    writer.put(index, parameters, body, plans[own] ?? NO_POLLS, old);
  }
  writer.putNew(poll, (to) => to.charge(0, () => to.body.byte(OP.localGet).u32(0)));
  writer.putNew(added.ask, (to) => to.ask({ preempt, heed }));
  if (hasBulk) {
    writer.putNew(added.copy, ({ body }) => body.put(Uint8Array.from(bulkFunction(MISC.memoryCopy, poll))));
    writer.putNew(added.fill, ({ body }) => body.put(Uint8Array.from(bulkFunction(MISC.memoryFill, poll))));
  }

  let result = withElement(sections, SECTION.type, [FUNCTION_TYPE, 1, i32, 0]);
  result = withElement(result, SECTION.function, [...new Writer().u32(types.length).view()]);
  result = withElement(result, SECTION.type, [FUNCTION_TYPE, 0, 0]);
  result = withElement(result, SECTION.function, [...new Writer().u32(types.length + 1).view()]);
  if (hasBulk) {
    result = withElement(result, SECTION.type, [FUNCTION_TYPE, 3, i32, i32, i32, 0]);
    const type = [...new Writer().u32(types.length + 2).view()];
    result = withElement(withElement(result, SECTION.function, type), SECTION.function, type);
  }
  result = withElement(result, SECTION.global, [i32, 1, OP.i32Const, 0, OP.end]);
  const used = new Set(readExports(sections).map(({ name }) => name));
  let name: string = BUDGET_EXPORT;
  while (used.has(name)) name += "'";
  const exported = new Writer().text(name).byte(EXTERNAL.global).u32(added.budget);
  result = withElement(result, SECTION.export, [...exported.view()]);
  result = withSection(result, SECTION.code, writer.code.finish());
  const names = readFunctionNames(sections);
  if (names.size > 0) {
    names.set(poll, '__wasm_poll_loop').set(added.ask, '__wasm_poll');
    if (hasBulk) names.set(added.copy, '__wasm_copy').set(added.fill, '__wasm_fill');
    result = withFunctionNames(result, names);
    result = withGlobalNames(result, readGlobalNames(sections).set(added.budget, BUDGET_EXPORT));
  }
  return { sections: withBranchHints(result, writer.hints), insertions: writer.insertions };
}
