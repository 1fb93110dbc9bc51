// SPDX-License-Identifier: MIT
/**
 * A function's code as a list of instructions and the tree of its blocks, for passes that must know where a branch goes
 * (liveness.ts, fork-plan.ts, fork-function.ts).
 */

import { MalformedModule, type Reader } from './binary.ts';
import { type FunctionType, VALUE } from './function-types.ts';
import { OP, skipImmediates } from './instructions.ts';

export interface Instruction {
  readonly op: number;
  /** Where it begins, and where the next one does: offsets into the reader's bytes. */
  readonly at: number;
  readonly end: number;
  /** Its first immediate, if that is an index; of a prefixed instruction the second opcode. */
  readonly value: number;
  /** Of what opens, divides or ends a block: the block. */
  readonly block: Block | undefined;
  /** Of a branch: the blocks whose labels it names, those of a table in their order and then the default. */
  readonly targets: readonly Block[];
}

/** A clause of a try_table. */
export interface Handler {
  /** One of CATCH. */
  readonly kind: number;
  readonly tag: number;
  readonly target: Block;
}

export const CATCH = { tag: 0, tagRef: 1, all: 2, allRef: 3 } as const;

export interface Block {
  /** OP.block, loop, if or tryTable; of the function itself OP.block. */
  readonly op: number;
  readonly parent: Block | undefined;
  readonly type: FunctionType;
  readonly handlers: readonly Handler[];
  /** Indices of the instructions that begin it (-1 of the function itself) and end it, and of its `else`, or -1. */
  readonly begin: number;
  end: number;
  otherwise: number;
}

export interface Code {
  readonly instructions: readonly Instruction[];
  /** The function itself. */
  readonly root: Block;
}

const NOTHING: FunctionType = { params: [], results: [] };
const NO_TARGETS: readonly Block[] = [];
const VOID = 0x40;
/** From here on the byte of a block's type is a value type, below it an index. */
const FIRST_VALUE_TYPE = 0x41;

function readBlockType(reader: Reader, types: readonly FunctionType[]): FunctionType {
  const byte = reader.bytes[reader.position] ?? 0;
  if (byte >= VOID && byte < 0x80) {
    reader.byte();
    return byte < FIRST_VALUE_TYPE ? NOTHING : { params: [], results: [byte] };
  }
  const type = types[reader.u32()];
  if (!type) throw new MalformedModule('the type of a block does not exist');
  return type;
}

const indexed = new Set<number>([OP.call, OP.returnCall, OP.callIndirect, OP.returnCallIndirect, OP.throw, OP.refNull]);

/** Reads the code from the reader up to `end`. Throws MalformedModule, also when there are exceptions of the legacy form. */
export function readCode(
  reader: Reader,
  end: number,
  types: readonly FunctionType[],
  results: readonly number[],
): Code {
  const instructions: Instruction[] = [];
  const root: Block = {
    op: OP.block,
    parent: undefined,
    type: { params: [], results },
    handlers: [],
    begin: -1,
    end: -1,
    otherwise: -1,
  };
  let current: Block | undefined = root;
  const label = (depth: number): Block => {
    let block = current;
    for (let i = 0; i < depth; i++) block = block?.parent;
    if (!block) throw new MalformedModule('a branch leaves its function');
    return block;
  };
  while (reader.position < end) {
    const at = reader.position;
    const op = reader.byte();
    let value = 0;
    let block: Block | undefined;
    let targets = NO_TARGETS;
    if (op === OP.block || op === OP.loop || op === OP.if || op === OP.tryTable) {
      const type = readBlockType(reader, types);
      const handlers =
        op !== OP.tryTable
          ? []
          : reader.vector(() => {
              const kind = reader.byte();
              const tag = kind === CATCH.tag || kind === CATCH.tagRef ? reader.u32() : 0;
              return { kind, tag, target: label(reader.u32()) };
            });
      block = { op, parent: current, type, handlers, begin: instructions.length, end: -1, otherwise: -1 };
      current = block;
    } else if (op === OP.else || op === OP.end) {
      block = current;
      if (!block) throw new MalformedModule('there is code behind the end of a function');
      if (op === OP.else) block.otherwise = instructions.length;
      else {
        block.end = instructions.length;
        current = block.parent;
      }
    } else if (op === OP.br || op === OP.brIf) targets = [label(reader.u32())];
    else if (op === OP.brTable) {
      targets = reader.vector(() => label(reader.u32()));
      targets = [...targets, label(reader.u32())];
    } else if (op >= OP.try && op <= OP.rethrow && op !== OP.throw) {
      throw new MalformedModule('it has exceptions of the legacy form');
    } else {
      const start = reader.position;
      if (op >= OP.prefixMisc || (op >= OP.localGet && op <= OP.tableSet) || indexed.has(op)) {
        value = reader.u32();
        reader.position = start;
      }
      skipImmediates(reader, op);
    }
    instructions.push({ op, at, end: reader.position, value, block, targets });
  }
  if (current) throw new MalformedModule('a function ends in the middle of a block');
  return { instructions, root };
}

/** Is it a type of references, which no memory can keep? */
export function isReference(type: number): boolean {
  return type < VALUE.v128;
}
