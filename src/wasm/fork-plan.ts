// SPDX-License-Identifier: MIT
/**
 * What fork-function.ts must know of a function before it rewrites it: which calls may be left and come back to (sites), what
 * lies on the operand stack there and how to have it again, and what is to be saved. Walks the code once, as a validator does.
 *
 * A value on the operand stack that is needed again is the value of a local that has not changed since, a constant, or else
 * gets a local of its own (a slot), which is set where the value is made.
 */

import { MalformedModule } from './binary.ts';
import type { Block, Code, Instruction } from './code.ts';
import { type FunctionType, VALUE } from './function-types.ts';
import { OP } from './instructions.ts';
import { liveLocals } from './liveness.ts';
import { operandsOf } from './operands.ts';

/** How to put a value onto the operand stack again: read a local, or execute an instruction that makes a constant. */
export type Recipe = { readonly local: number } | { readonly constant: Instruction };

/** A call that may be left and come back to. */
export interface Site {
  /** Index of its instruction. */
  readonly index: number;
  readonly type: FunctionType;
  /** What lies under its arguments within the innermost block that has sites, from the bottom. */
  readonly under: readonly Recipe[];
  /** Of an indirect call: what it calls. */
  readonly callee: Recipe | undefined;
  /** The locals to be saved. */
  readonly saved: readonly number[];
}

export interface Plan {
  /** By the index of the instruction, in the order of the code. */
  readonly sites: ReadonlyMap<number, Site>;
  /** Blocks with sites: what lies under each, from the bottom; it is put away while the block runs. */
  readonly blocks: ReadonlyMap<Block, readonly Recipe[]>;
  /** By the index of the instruction: of each value that it makes its slot, or -1. */
  readonly slots: ReadonlyMap<number, readonly number[]>;
  /** Types of all locals, the slots behind the function's own. */
  readonly locals: readonly number[];
}

/** The function can't be made forkable; the message says why. */
export class Unforkable extends Error {
  override readonly name = 'Unforkable';
}

export interface PlanInput {
  readonly code: Code;
  /** Types of parameters and locals. */
  readonly locals: readonly number[];
  readonly globals: readonly number[];
  readonly tables: readonly number[];
  readonly types: readonly FunctionType[];
  /** Of each function: the index of its type. */
  readonly functions: readonly number[];
  readonly isSite: (instruction: Instruction) => boolean;
}

/** A value on the operand stack. */
interface Value {
  readonly type: number;
  /** The instruction that made it, and which of its values it is. */
  readonly index: number;
  readonly position: number;
  /** Types of all that it made. */
  readonly siblings: readonly number[];
  /** The number of values under it in the function. */
  readonly height: number;
  /** A local that has the same value, or -1. */
  alias: number;
  readonly constant: Instruction | undefined;
  /** Its slot, or -1. */
  slot: number;
}

/** A value that is needed again, with the local that has it at this point. */
interface Kept {
  readonly value: Value;
  readonly alias: number;
}

/** A site before all is known of its values: they may get slots later, which are to be saved here, too. */
interface EarlySite {
  readonly type: FunctionType;
  readonly under: readonly Kept[];
  readonly outer: readonly Kept[];
  readonly callee: Kept | undefined;
}

interface Frame {
  readonly block: Block;
  readonly height: number;
  reachable: boolean;
}

/** References to exceptions are numbers in what is made (fork-function.ts). */
const storedType = (type: number): number => (type === VALUE.exnref ? VALUE.i32 : type);

class Planner {
  readonly #input: PlanInput;
  readonly #withSites = new Set<Block>();
  readonly #locals: number[];
  readonly #slotOf = new Map<string, number>();
  readonly #slots = new Map<number, number[]>();
  readonly #blocks = new Map<Block, readonly Kept[]>();
  readonly #sites = new Map<number, EarlySite>();
  readonly #frames: Frame[] = [];
  #stack: Value[] = [];

  constructor(input: PlanInput) {
    this.#input = input;
    this.#locals = input.locals.map(storedType);
  }

  run(): Plan {
    const { code, isSite } = this.#input;
    const enclosing: Block[] = [code.root];
    for (const instruction of code.instructions) {
      const { op, block } = instruction;
      if (block && op === OP.end) enclosing.pop();
      else if (block && op !== OP.else) enclosing.push(block);
      else if (isSite(instruction)) for (const each of enclosing) this.#withSites.add(each);
    }
    this.#frames.push({ block: code.root, height: 0, reachable: true });
    for (const [index, instruction] of code.instructions.entries()) this.#step(index, instruction);

    const live = liveLocals(code, this.#input.locals.length, this.#sites.keys());
    const sites = new Map<number, Site>();
    const recipe = ({ value, alias }: Kept): Recipe => {
      if (value.constant) return { constant: value.constant };
      return { local: value.slot >= 0 ? value.slot : alias };
    };
    for (const [index, { type, under, outer, callee }] of this.#sites) {
      const kept = [...outer, ...under, ...(callee ? [callee] : [])].map(recipe);
      const values = kept.flatMap((each) => ('local' in each ? [each.local] : []));
      const saved = [...new Set([...(live.get(index) ?? []), ...values])];
      if (saved.some((local) => (this.#locals[local] ?? 0) < VALUE.v128)) {
        throw new Unforkable('it keeps a reference across a call');
      }
      sites.set(index, { index, type, under: under.map(recipe), callee: callee && recipe(callee), saved });
    }
    const blocks = new Map([...this.#blocks].map(([block, under]) => [block, under.map(recipe)]));
    return { sites, blocks, slots: this.#slots, locals: this.#locals };
  }

  get #frame(): Frame {
    const frame = this.#frames[this.#frames.length - 1];
    if (!frame) throw new MalformedModule('there is code behind the end of a function');
    return frame;
  }

  #pop(count: number): Value[] {
    const { height, reachable } = this.#frame;
    const from = this.#stack.length - count;
    if (from >= height) return this.#stack.splice(from);
    if (reachable) throw new MalformedModule('an instruction finds too few operands');
    return this.#stack.splice(height);
  }

  #push(index: number, types: readonly number[], more?: { alias?: number; constant?: Instruction }): void {
    for (const [position, type] of types.entries()) {
      const { alias = -1, constant } = more ?? {};
      this.#stack.push({
        type,
        index,
        position,
        siblings: types,
        height: this.#stack.length,
        alias,
        constant,
        slot: -1,
      });
    }
  }

  /** Sees to it that the value can be had again; `own`: from a slot, since an alias may change before. */
  #keep(value: Value, own: boolean): Kept {
    const kept = { value, alias: value.alias };
    if (!value.constant && (value.alias < 0 || own)) this.#giveSlot(value);
    return kept;
  }

  #giveSlot(value: Value): void {
    const slots = this.#slots.get(value.index) ?? value.siblings.map(() => -1);
    this.#slots.set(value.index, slots);
    // what lies above it is moved out of the way into slots of its own
    for (let position = value.position; position < slots.length; position++) {
      if (slots[position] === -1) {
        slots[position] = this.#slot(value.siblings[position] ?? 0, value.height + position - value.position);
      }
    }
    value.slot = slots[value.position] as number;
  }

  #slot(valueType: number, height: number): number {
    const type = storedType(valueType);
    const key = `${type} ${height}`;
    const known = this.#slotOf.get(key);
    if (known !== undefined) return known;
    const slot = this.#locals.push(type) - 1;
    this.#slotOf.set(key, slot);
    return slot;
  }

  #step(index: number, instruction: Instruction): void {
    const { op, value, block } = instruction;
    const { types, functions, globals, tables } = this.#input;
    const typeOf = (type: number | undefined): FunctionType => {
      const found = types[type ?? -1];
      if (!found) throw new MalformedModule('the type of a call does not exist');
      return found;
    };
    const local = (): number => this.#input.locals[value] ?? 0;
    switch (op) {
      case OP.block:
      case OP.loop:
      case OP.if:
      case OP.tryTable:
        if (block) this.#begin(index, block);
        break;
      case OP.else:
        if (block) {
          this.#stack = this.#stack.slice(0, this.#frame.height);
          this.#frame.reachable = this.#frames[this.#frames.length - 2]?.reachable ?? true;
          this.#push(index, block.type.params);
        }
        break;
      case OP.end:
        this.#end(index);
        break;
      case OP.br:
      case OP.brTable:
      case OP.return:
      case OP.unreachable:
      case OP.throw:
      case OP.throwRef:
        this.#stack = this.#stack.slice(0, this.#frame.height);
        this.#frame.reachable = false;
        break;
      case OP.nop:
        break;
      case OP.brIf:
      case OP.drop:
        this.#pop(1);
        break;
      case OP.select:
      case OP.selectTyped: {
        const [first, second] = this.#pop(3);
        this.#push(index, [(first ?? second)?.type ?? VALUE.i32]);
        break;
      }
      case OP.call:
      case OP.returnCall:
        this.#call(index, instruction, typeOf(functions[value]), undefined);
        break;
      case OP.callIndirect:
      case OP.returnCallIndirect:
        this.#call(index, instruction, typeOf(value), this.#pop(1)[0]);
        break;
      case OP.localGet:
        this.#push(index, [local()], { alias: value });
        break;
      case OP.localSet:
      case OP.localTee:
        this.#pop(1);
        for (const each of this.#stack) if (each.alias === value) each.alias = -1;
        if (op === OP.localTee) this.#push(index, [local()], { alias: value });
        break;
      case OP.globalGet:
        this.#push(index, [globals[value] ?? 0]);
        break;
      case OP.globalSet:
        this.#pop(1);
        break;
      case OP.tableGet:
        this.#pop(1);
        this.#push(index, [tables[value] ?? 0]);
        break;
      case OP.tableSet:
        this.#pop(2);
        break;
      case OP.refNull:
        this.#push(index, [value]);
        break;
      case OP.refFunc:
        this.#push(index, [VALUE.funcref]);
        break;
      case OP.refIsNull:
        this.#pop(1);
        this.#push(index, [VALUE.i32]);
        break;
      default: {
        const { pops, push } = operandsOf(op, value);
        this.#pop(pops);
        const constant = op >= OP.i32Const && op <= OP.f64Const ? instruction : undefined;
        if (push !== undefined) this.#push(index, [push], constant && { constant });
      }
    }
  }

  #begin(index: number, block: Block): void {
    if (block.op === OP.if) this.#pop(1);
    const { height, reachable } = this.#frame;
    if (this.#withSites.has(block) && reachable) {
      if (block.type.params.length > 0) throw new Unforkable('a block with parameters has calls that may fork');
      this.#blocks.set(
        block,
        this.#stack.slice(height).map((value) => this.#keep(value, true)),
      );
    }
    this.#pop(block.type.params.length);
    this.#frames.push({ block, height: this.#stack.length, reachable });
    this.#push(index, block.type.params);
  }

  #end(index: number): void {
    const { block, height } = this.#frame;
    this.#frames.pop();
    this.#stack = this.#stack.slice(0, height);
    if (!block.parent) return;
    this.#push(index, block.type.results);
    // what was put away comes under the results, which go through their slots
    if ((this.#blocks.get(block)?.length ?? 0) > 0) {
      for (const value of this.#stack.slice(height)) this.#keep(value, true);
    }
  }

  #call(index: number, instruction: Instruction, type: FunctionType, callee: Value | undefined): void {
    const isTail = instruction.op === OP.returnCall || instruction.op === OP.returnCallIndirect;
    this.#pop(type.params.length);
    const { height, reachable } = this.#frame;
    if (reachable && this.#input.isSite(instruction)) {
      if (isTail && this.#frames.some(({ block }) => block.op === OP.tryTable)) {
        throw new Unforkable('a tail call in a try block may fork');
      }
      const called = callee && this.#keep(callee, false);
      const outer = isTail ? [] : this.#stack.slice(0, height).map((value) => this.#keep(value, true));
      const under = isTail ? [] : this.#stack.slice(height).map((value) => this.#keep(value, false));
      this.#sites.set(index, { type, under, outer, callee: called });
    }
    if (isTail) {
      this.#stack = this.#stack.slice(0, this.#frame.height);
      this.#frame.reachable = false;
    } else this.#push(index, type.results);
  }
}

/** Throws Unforkable. */
export function planFork(input: PlanInput): Plan {
  return new Planner(input).run();
}
