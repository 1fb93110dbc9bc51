// SPDX-License-Identifier: MIT
/**
 * The loops of a function, and how much there is in each: read in one go, for poll-plan.ts. A region is a loop's body without the
 * loops in it, or what is outside of all loops.
 */

import type { Reader } from './binary.ts';
import { FirstCall } from './first-call.ts';
import { MISC, OP, opensBlock, skipImmediates } from './instructions.ts';

export interface Region {
  instructions: number;
  /** How many different ways its largest table of branches has, of which a pass goes one; 1 without a table. */
  ways: number;
  /** Index of the callee, for each direct call. */
  readonly calls: number[];
  /** Index of the type, for each indirect call. */
  readonly indirectCalls: number[];
}

export interface Loop extends Region {
  /** Where it is. */
  readonly at: number;
  /** Where its body begins, behind the block type. */
  readonly body: number;
  /** How many blocks are open around it. */
  readonly depth: number;
  /** Labels of branches in it, and in no loop within it, that lead out of it. */
  readonly exits: Exit[];
  /** Where its `end` is. */
  end: number;
  /** The loop that it is in. */
  readonly outer: Loop | undefined;
  isInnermost: boolean;
  /** Whether it handles exceptions, by labels that may be outside. */
  hasHandlers: boolean;
  /** How many branches go to its header; one by a table counts as two. */
  backEdges: number;
  /** Where the last of them is. */
  backEdge: number;
  /** Locals that hold a known number when it is entered. */
  readonly constants: ReadonlyMap<number, number>;
}

/** A memory.copy or memory.fill within the first memory. */
export interface BulkOperation {
  readonly at: number;
  /** Behind it. */
  readonly end: number;
  readonly op: typeof MISC.memoryCopy | typeof MISC.memoryFill;
  /** Its length, when that is a constant. */
  readonly length: number | undefined;
}

/** A branch's label: where it is, and its number. */
export interface Exit {
  readonly at: number;
  readonly end: number;
  readonly label: number;
}

/** A call instruction. */
export interface Mark {
  readonly at: number;
  readonly end: number;
}

export interface FunctionCode {
  readonly outside: Region;
  /** In the order of their headers. */
  readonly loops: readonly Loop[];
  readonly bulk: readonly BulkOperation[];
  /** Where it calls the function that was asked for. */
  readonly marks: readonly Mark[];
  /** Where all ways to its calls still go through, as late as possible and outside of loops; undefined when it calls nothing. */
  readonly beforeCalls: number | undefined;
  /** Functions whose references it takes. */
  readonly references: readonly number[];
}

/** Where control flow may come from elsewhere: what is known of locals ends. */
const isLabel = (op: number) =>
  op === OP.end || op === OP.else || op === OP.catch || op === OP.catchAll || op === OP.delegate;

/** Has it labels, and is no branch? */
const namesLabel = (op: number) => op === OP.tryTable || op === OP.delegate || op === OP.rethrow;

const noConstants: ReadonlyMap<number, number> = new Map();

/** Reads a function's code. The reader stands behind the locals. marked: the function whose calls are to be found. */
export function readFunctionCode(reader: Reader, end: number, marked = -1): FunctionCode {
  const loops: Loop[] = [];
  const bulk: BulkOperation[] = [];
  const marks: Mark[] = [];
  const references: number[] = [];
  const outside: Region = { instructions: 0, ways: 1, calls: [], indirectCalls: [] };
  const firstCall = new FirstCall();
  /** Of each open block: its loop, if it is one. */
  const blocks: (Loop | undefined)[] = [];
  /** The loops that are open, the innermost last. */
  const open: Loop[] = [];
  let region = outside;
  let constants = new Map<number, number>();
  let lastConstant: number | undefined;

  /** Reads a label. */
  const branch = (from: number, weight: number): number => {
    const at = reader.position;
    const label = reader.u32();
    const target = blocks.length - 1 - label;
    const innermost = open[open.length - 1];
    if (innermost && target < innermost.depth) innermost.exits.push({ at, end: reader.position, label });
    const loop = blocks[target];
    if (loop) {
      loop.backEdges += weight;
      loop.backEdge = from;
    }
    return label;
  };
  const beginLoop = (at: number): void => {
    const outer = open[open.length - 1];
    if (outer) outer.isInnermost = false;
    const known = constants.size > 0 ? constants : noConstants;
    const loop: Loop = {
      instructions: 0,
      ways: 1,
      calls: [],
      indirectCalls: [],
      at,
      body: reader.position,
      depth: blocks.length,
      exits: [],
      end: 0,
      outer,
      isInnermost: true,
      hasHandlers: false,
      backEdges: 0,
      backEdge: 0,
      constants: known,
    };
    if (constants.size > 0) constants = new Map();
    loops.push(loop);
    blocks.push(loop);
    open.push(loop);
    region = loop;
  };

  while (reader.position < end) {
    const at = reader.position;
    const op = reader.byte();
    const constant = lastConstant;
    lastConstant = undefined;
    region.instructions++;
    if (op === OP.loop) {
      firstCall.open(at, true);
      reader.skipNumber();
      beginLoop(at);
    } else if (opensBlock(op)) {
      firstCall.open(at, false);
      skipImmediates(reader, op);
      blocks.push(undefined);
    } else if (op === OP.end || op === OP.delegate) {
      firstCall.close(at);
      skipImmediates(reader, op);
      const loop = blocks.pop();
      if (loop) {
        loop.end = at;
        open.pop();
        region = open[open.length - 1] ?? outside;
      }
    } else if (op === OP.br || op === OP.brIf) {
      branch(at, 1);
    } else if (op === OP.brTable) {
      const ways = new Set<number>();
      for (let labels = reader.u32() + 1; labels > 0; labels--) {
        ways.add(branch(at, 2));
      }
      region.ways = Math.max(region.ways, ways.size);
    } else if (op === OP.call || op === OP.returnCall) {
      firstCall.call(at);
      const callee = reader.u32();
      region.calls.push(callee);
      if (callee === marked) marks.push({ at, end: reader.position });
    } else if (op === OP.callIndirect || op === OP.returnCallIndirect) {
      firstCall.call(at);
      region.indirectCalls.push(reader.u32());
      reader.skipNumber();
    } else if (op === OP.refFunc) {
      references.push(reader.u32());
    } else if (op === OP.i32Const) {
      lastConstant = reader.s32();
    } else if (op === OP.localSet || op === OP.localTee) {
      const local = reader.u32();
      if (constant === undefined) constants.delete(local);
      else constants.set(local, constant);
    } else if (op === OP.prefixMisc) {
      const kind = reader.u32();
      if (kind === MISC.memoryCopy || kind === MISC.memoryFill) {
        const isFirst = reader.u32() === 0 && (kind === MISC.memoryFill || reader.u32() === 0);
        if (isFirst) bulk.push({ at, end: reader.position, op: kind, length: constant });
      } else {
        reader.position = at + 1;
        skipImmediates(reader, op);
      }
    } else skipImmediates(reader, op);
    const innermost = open[open.length - 1];
    if (innermost && namesLabel(op)) innermost.hasHandlers = true;
    if (op === OP.else || op === OP.catch || op === OP.catchAll) firstCall.nextArm(at);
    if (constants.size > 0 && isLabel(op)) constants = new Map();
  }
  return { outside, loops, bulk, marks, beforeCalls: firstCall.position, references };
}
