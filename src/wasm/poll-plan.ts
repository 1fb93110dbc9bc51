// SPDX-License-Identifier: MIT
/**
 * Where a module needs polls, and how much work lies between two: decided here, written by safepoints.ts.
 *
 * Work is counted in instructions of the program text, a unit is four of them. Every cycle in which a program can spend time is
 * charged to its budget: each loop that is not provably short, and each cycle of calls, in one of its functions. What
 * has no cycle of its own costs its caller as much as there is in it; if that is much (functions without loops that call each other
 * twice, forty deep, run for hours), it is charged by itself. Where a table of branches leads one of many ways, as in the
 * dispatch of an interpreter, a pass costs the mean of them: charged for all of them, quickjs asked the kernel after each fifth
 * bytecode. What is dearer than the mean, the kernel sees and makes the budget smaller.
 */

import { type Calls, callGraph, readTypeTexts, walkCalls } from './call-graph.ts';
import type { FunctionCode, Loop, Region } from './loops.ts';
import type { Section } from './module.ts';
import { mostRounds } from './short-loops.ts';
import { finish, Pace, type Steps } from './steps.ts';

/** Instructions in a unit of the budget. */
const UNIT = 4;
/** Of a call whose callee is charged for itself, or does not belong to the program. */
const CALL = 4;
/** Of an indirect call when the functions that can be meant are not known yet: they are in a cycle with the caller. */
const UNKNOWN = 64;
/** What a function is charged for by itself when it has more. */
const MOST_UNCHARGED = 1024;
/**
 * Rounds between two looks at the budget, for loops of so many instructions. They are powers of two, and each class has a counter of
 * its own: 0 is all that is quick to compare with.
 */
const CLASSES = [
  { work: 16, rounds: 1024 },
  { work: 128, rounds: 128 },
  { work: 1024, rounds: 16 },
  { work: Infinity, rounds: 2 },
] as const;
/** What loops cost who calls the function that they are in, since they may be left before they look at the budget. */
const LEFT_EARLY = 256;
/** Of an edge of the control flow, in units. */
const EDGE_UNITS = 4;
/** Loops of at most so many rounds, and instructions in all of them, have no poll. */
const SHORT_ROUNDS = 256;
const SHORT_WORK = 8192;

export interface LoopPoll {
  readonly loop: Loop;
  /** Rounds between two looks at the budget, a power of two. */
  readonly rounds: number;
  /** What so many rounds cost. */
  readonly units: number;
}

export interface FunctionPolls {
  /** What it costs to call something, 0: it is not charged. */
  readonly entry: number;
  readonly loops: readonly LoopPoll[];
}

export interface PollRules {
  /** Functions without polls: their loops are known to be short. */
  readonly exempt: ReadonlySet<number>;
  /**
   * The compiler's own polls, in functions that call setjmp: a signal's handler may jump back into such a function, which only
   * calls that the compiler knows of can be left for.
   */
  readonly compiled?: {
    /** The function that they call, which is charged for an edge of the control flow. */
    readonly poll: number;
    readonly setjmp: number;
  };
}

/** Has the function the compiler's polls? The same calls in others are not needed. */
export function hasCompiledPolls({ outside, loops, marks }: FunctionCode, { compiled }: PollRules): boolean {
  return !!compiled && marks.length > 0 && [outside, ...loops].some(({ calls }) => calls.includes(compiled.setjmp));
}

function callsOf({ outside, loops, references }: FunctionCode): Calls {
  const regions = [outside, ...loops];
  return {
    calls: regions.flatMap(({ calls }) => calls),
    indirectCalls: regions.flatMap(({ indirectCalls }) => indirectCalls),
    references,
  };
}

/** Odd, so that the lowest bits of a budget that is charged are any (safepoints.ts). */
const units = (instructions: number) => Math.ceil(instructions / UNIT) | 1;

function loopPoll(loop: Loop, work: number): LoopPoll {
  const rounds = CLASSES.find((one) => work <= one.work)?.rounds ?? 2;
  return { loop, rounds, units: units(rounds * work) };
}

/** The polls of each function that the module defines. code: their codes, in their order; bytes: what its positions count in. */
export const planPolls = (...module: Parameters<typeof pollPlanSteps>): FunctionPolls[] =>
  finish(pollPlanSteps(...module));

/** The same in pieces. */
export function* pollPlanSteps(
  sections: readonly Section[],
  bytes: Uint8Array,
  code: readonly FunctionCode[],
  rules: PollRules,
): Steps<FunctionPolls[]> {
  const graph = callGraph(sections, code.map(callsOf));
  const { heads, order, typeNodes } = walkCalls(graph);
  const imported = graph.imports.length;
  /** Of each node of the walk: what a call of it costs the caller. */
  const cost = new Map<number, number>();
  const polls = new Array<FunctionPolls>(code.length);

  const targetsOfType = new Map<string, number[]>();
  for (const target of graph.targets) {
    const type = graph.types[target] ?? '';
    const list = targetsOfType.get(type);
    if (list) list.push(target);
    else targetsOfType.set(type, [target]);
  }
  const texts = readTypeTexts(sections);
  /** Of an indirect call, by its type. */
  const typeCosts = new Map<string, number>();
  const costOfRegion = ({ instructions, ways, calls, indirectCalls }: Region): number => {
    let sum = instructions;
    for (const callee of calls) sum += cost.get(callee) ?? CALL;
    for (const type of indirectCalls) sum += typeCosts.get(texts[type] ?? '') ?? UNKNOWN;
    return Math.ceil(sum / ways);
  };

  const plan = (index: number): void => {
    const own = code[index - imported] as FunctionCode;
    const { outside, loops } = own;
    const isExempt = rules.exempt.has(index) || hasCompiledPolls(own, rules);
    const found: LoopPoll[] = [];
    /** Of short loops, which count as part of what is around them. */
    const within = new Map<Loop | undefined, number>();
    for (const loop of loops.toReversed()) {
      const work = costOfRegion(loop) + (within.get(loop) ?? 0);
      const rounds = mostRounds(bytes, loop);
      if (rounds <= SHORT_ROUNDS && rounds * work <= SHORT_WORK) {
        within.set(loop.outer, (within.get(loop.outer) ?? 0) + rounds * work);
      } else if (!isExempt) found.push(loopPoll(loop, work));
    }
    const work = costOfRegion(outside) + (within.get(undefined) ?? 0) + (found.length > 0 ? LEFT_EARLY : 0);
    const mustBeCharged = !isExempt && (heads.has(index) || work > MOST_UNCHARGED);
    const entry = index === rules.compiled?.poll ? EDGE_UNITS : mustBeCharged ? units(work) : 0;
    cost.set(index, entry > 0 ? CALL : work + CALL);
    polls[index - imported] = { entry, loops: found.reverse() };
  };

  const typeOfNode = new Map([...typeNodes].map(([type, node]) => [node, type]));
  const pace = new Pace('entries');
  for (const [done, node] of order.entries()) {
    if (pace.isDone(done)) yield;
    if (node < imported) continue;
    const type = typeOfNode.get(node);
    if (type === undefined) {
      plan(node);
    } else {
      const targets = targetsOfType.get(type) ?? [];
      const most = targets.reduce((highest, target) => Math.max(highest, cost.get(target) ?? CALL), CALL);
      typeCosts.set(type, most + CALL);
    }
  }
  return polls;
}
