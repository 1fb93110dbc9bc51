// SPDX-License-Identifier: MIT
/**
 * Lets the kernel interrupt a program that computes: inserts polls, so that no more than some milliseconds pass between two.
 *
 * Why so: one thread runs everything, and no engine can suspend a program in the middle of a loop. A counter in memory or in a
 * global at each loop costs a quarter of the speed; one in a local alone bounds nothing, since nested calls and recursion begin
 * it anew. So loops count in a local, and what overflows is charged to a global budget, which entries are charged to as well
 * (docs/performance.md has the figures of this scheme and of those that lost):
 *
 *   at each loop header that is not provably short (loops.ts)   rounds += 2^22; if it is 0, after 1024 rounds, call $poll
 *   at the entry of a function with such a loop, or at which
 *   a cycle of calls begins (call-graph.ts)                     budget -= 1; if it is negative, budget = preempt()
 *   $poll, one function for all loops                           the same
 *
 *   before  (func $f loop ... br 0 end)
 *   after   (func $f (local $rounds i32)  {charge}  loop  local.get $rounds  i32.const 4194304  i32.add  local.tee $rounds
 *             i32.eqz  if call $poll end  ...  br 0  end)
 *
 * preempt is a function [] -> [i32] that the module has, by import or its own; it returns the next budget. Each `if` has a hint
 * that it is not taken: without hints V8 keeps values in memory around the calls, and a matrix multiply takes twice as long.
 */

import { type Reader, Writer } from './binary.ts';
import { type BranchHint, readBranchHints, withBranchHints } from './branch-hints.ts';
import { BLOCK_VOID, TYPE } from './builder.ts';
import { cycleHeads, readCallGraph } from './call-graph.ts';
import { OP } from './instructions.ts';
import { findLoops, type Loop, mostRounds } from './loops.ts';
import { EXTERNAL, readImports, SECTION, type Section, sectionReader } from './module.ts';
import { withElement, withSection } from './sections.ts';

/** What a local counter is raised by each round: it is 0 again after 1024. */
const ROUND = 1 << 22;
/** Loops of at most so many rounds have no poll, unless they are very long otherwise. */
const SHORT_ROUNDS = 256;
/** Rounds times bytes of the body. */
const SHORT_WORK = 16384;

/** The export of the budget: an i32 that begins at 0, so that the first entry asks. */
export const BUDGET_EXPORT = '__wasm_poll_budget';

export interface SafepointOptions {
  /** Index of the function that returns the next budget. */
  readonly preempt: number;
  /** Functions that have their own polls: they call one that is charged at its entry. */
  readonly exempt: ReadonlySet<number>;
  /** Functions that are charged at their entry, whatever is in them. */
  readonly charged: ReadonlySet<number>;
}

/** Where bytes were inserted: from `at` on, up to the next one, everything stands `by` further. Offsets into the code section. */
export interface Insertion {
  readonly at: number;
  readonly by: number;
}

export interface WithSafepoints {
  readonly sections: Section[];
  readonly insertions: readonly Insertion[];
}

/** What is inserted, and where the hints for it are. */
class PollWriter {
  readonly body = new Writer();
  hints: BranchHint[] = [];
  readonly #budget: number;
  readonly #preempt: number;
  readonly #poll: number;

  constructor(budget: number, preempt: number, poll: number) {
    this.#budget = budget;
    this.#preempt = preempt;
    this.#poll = poll;
  }

  #ifUnlikely(): void {
    this.hints.push({ offset: this.body.length, likely: 0 });
    this.body.byte(OP.if).byte(BLOCK_VOID);
  }

  /** budget -= 1; if (budget < 0) budget = preempt() */
  charge(): void {
    const { body } = this;
    body.byte(OP.globalGet).u32(this.#budget).byte(OP.i32Const).s32(1).byte(OP.i32Sub);
    body.byte(OP.globalSet).u32(this.#budget);
    body.byte(OP.globalGet).u32(this.#budget).byte(OP.i32Const).s32(0).byte(OP.i32LtS);
    this.#ifUnlikely();
    body.byte(OP.call).u32(this.#preempt).byte(OP.globalSet).u32(this.#budget).byte(OP.end);
  }

  /** rounds += 2^22; if (rounds == 0) poll() */
  round(rounds: number): void {
    const { body } = this;
    body.byte(OP.localGet).u32(rounds).byte(OP.i32Const).s32(ROUND).byte(OP.i32Add);
    body.byte(OP.localTee).u32(rounds).byte(OP.i32Eqz);
    this.#ifUnlikely();
    body.byte(OP.call).u32(this.#poll).byte(OP.end);
  }
}

function needsPoll(bytes: Uint8Array, loop: Loop): boolean {
  const rounds = mostRounds(bytes, loop);
  return rounds > SHORT_ROUNDS || rounds * (loop.end - loop.body) > SHORT_WORK;
}

/** Reads the declarations of a function's locals: how many groups, and how many locals. The reader is then at its code. */
function readLocals(reader: Reader): { groups: number; locals: number } {
  const groups = reader.u32();
  let locals = 0;
  for (let group = 0; group < groups; group++) {
    locals += reader.u32();
    reader.skipNumber();
  }
  return { groups, locals };
}

/** Of each function type, how many parameters it has. */
function readParameterCounts(sections: readonly Section[]): number[] {
  return sectionReader(sections, SECTION.type).vector((reader) => {
    reader.byte();
    const parameters = reader.vector(() => reader.byte()).length;
    reader.vector(() => reader.byte());
    return parameters;
  });
}

/** The module with polls. */
export function withSafepoints(sections: readonly Section[], options: SafepointOptions): WithSafepoints {
  const imports = readImports(sections);
  const importedFunctions = imports.filter(({ kind }) => kind === EXTERNAL.function).length;
  const importedGlobals = imports.filter(({ kind }) => kind === EXTERNAL.global).length;
  const parameterCounts = readParameterCounts(sections);
  const functionTypes = sectionReader(sections, SECTION.function).vector((reader) => reader.u32());
  const heads = cycleHeads(readCallGraph(sections));
  const budget = importedGlobals + sectionReader(sections, SECTION.global).u32();
  const poll = importedFunctions + functionTypes.length;

  const writer = new PollWriter(budget, options.preempt, poll);
  const oldHints = readBranchHints(sections);
  const hints = new Map<number, readonly BranchHint[]>();
  const insertions: Insertion[] = [];
  const code = new Writer().u32(functionTypes.length + 1);
  const reader = sectionReader(sections, SECTION.code);
  reader.u32();
  for (const [own, type] of functionTypes.entries()) {
    const index = importedFunctions + own;
    const size = reader.u32();
    const start = reader.position;
    const end = start + size;
    const { groups, locals } = readLocals(reader);
    const instructions = reader.position;
    const loops = findLoops(reader, end).filter((loop) => needsPoll(reader.bytes, loop));
    const isExempt = options.exempt.has(index);
    const polled = isExempt ? [] : loops;
    const isCharged = options.charged.has(index) || (!isExempt && (loops.length > 0 || heads.has(index)));
    reader.position = end;

    const { body } = writer;
    body.clear();
    const moves: Insertion[] = [];
    const moved = (at: number) => moves.push({ at, by: body.length - (at - start) });
    writer.hints = [];
    const pending = [...(oldHints.get(index) ?? [])];
    const copy = (from: number, to: number): void => {
      while (pending[0] && start + pending[0].offset < to) {
        const { offset, likely } = pending.shift() as BranchHint;
        writer.hints.push({ offset: body.length + (start + offset - from), likely });
      }
      body.put(reader.bytes.subarray(from, to));
    };
    if (polled.length > 0) {
      const declarations = start + new Writer().u32(groups).length;
      body
        .u32(groups + 1)
        .put(reader.bytes.subarray(declarations, instructions))
        .u32(1)
        .byte(TYPE.i32);
    } else body.put(reader.bytes.subarray(start, instructions));
    if (isCharged) writer.charge();
    moved(instructions);
    const rounds = (parameterCounts[type] ?? 0) + locals;
    let copied = instructions;
    for (const { body: at } of polled) {
      copy(copied, at);
      writer.round(rounds);
      moved(at);
      copied = at;
    }
    copy(copied, end);
    if (writer.hints.length > 0) hints.set(index, writer.hints);
    code.u32(body.length);
    const shift = code.length - start;
    for (const { at, by } of moves) insertions.push({ at, by: by + shift });
    code.put(body.view());
  }

  const { body } = writer;
  body.clear();
  writer.hints = [];
  body.u32(0);
  writer.charge();
  body.byte(OP.end);
  hints.set(poll, writer.hints);
  code.u32(body.length).put(body.view());

  const voidType = sectionReader(sections, SECTION.type).u32();
  let result = withElement(sections, SECTION.type, [0x60, 0, 0]);
  result = withElement(result, SECTION.function, [...new Writer().u32(voidType).view()]);
  result = withElement(result, SECTION.global, [TYPE.i32, 1, OP.i32Const, 0, OP.end]);
  const exported = new Writer().text(BUDGET_EXPORT).byte(EXTERNAL.global).u32(budget);
  result = withElement(result, SECTION.export, [...exported.view()]);
  result = withSection(result, SECTION.code, code.finish());
  return { sections: withBranchHints(result, hints), insertions };
}
