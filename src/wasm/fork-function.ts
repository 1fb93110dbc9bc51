// SPDX-License-Identifier: MIT
/**
 * Rewrites one function so that it can be left at any of its sites (fork-plan.ts) and come back to; fork-capture.ts says how
 * that looks. Code between sites stays as it is.
 *
 * To come back, a label stands before each site, on which its operands lie. Blocks begin where the function does, so that these
 * labels can be reached from there; a loop and a try block is entered through its beginning, where a look at the local `resume`
 * decides. `if` with sites becomes blocks and a branch.
 */

import { Writer } from './binary.ts';
import type { BranchHint } from './branch-hints.ts';
import { BLOCK_VOID } from './builder.ts';
import { type Block, CATCH, type Code, type Instruction } from './code.ts';
import { type Plan, planFork, type PlanInput, type Recipe, type Site, Unforkable } from './fork-plan.ts';
import { type FunctionType, VALUE } from './function-types.ts';
import { OP } from './instructions.ts';

/** What the module gives its functions. */
export interface ForkModule {
  /** Index of the global that says what is going on: 0 nothing. */
  readonly state: number;
  /** How many tags there are. */
  readonly tags: number;
  /** Index of a type. */
  readonly type: (type: FunctionType) => number;
  /** Index of the function that takes values of these types and saves them. */
  readonly save: (types: readonly number[]) => number;
  /** Index of the function that gives back what was saved last. */
  readonly load: (types: readonly number[]) => number;
}

export interface FunctionInput extends PlanInput {
  readonly bytes: Uint8Array;
  /** How many of the locals are parameters. */
  readonly parameters: number;
  readonly results: readonly number[];
  /** Frames are not left through its indirect calls: trap instead. */
  readonly isChecked: boolean;
  /** By the offset of the branch in `bytes`. */
  readonly hints: ReadonlyMap<number, number>;
}

export interface RewrittenFunction {
  /** Declarations of locals, and code. */
  readonly body: Uint8Array;
  readonly hints: readonly BranchHint[];
  /** Where instructions were (offsets in the input's bytes) and are now (in the body), in their order. */
  readonly moves: readonly (readonly [from: number, to: number])[];
}

/** Values that are saved by one call; the results of a function are no more than 16 (src/process/module-safety.ts). */
const MOST_SAVED = 12;

const I32_AND = 0x71;
const I32_OR = 0x72;
const I32_XOR = 0x73;
const I32_EQZ = 0x45;

const stored = (type: number): number => (type === VALUE.exnref ? VALUE.i32 : type);

/** What a label stands for, beside the blocks and sites themselves. */
interface Mark {
  readonly mark: string;
}
type Label = Block | Site | Mark | SaveGroup;

/** Sites at which the same is saved, so that the code for it is there once: what any of them needs. */
interface SaveGroup {
  readonly sites: Site[];
  saved: ReadonlySet<number>;
}

/** How many locals more than it needs a site may save. */
const SLACK = 4;

function groupSites(sites: readonly Site[]): SaveGroup[] {
  const groups: (SaveGroup & { fewest: number })[] = [];
  for (const site of sites) {
    const needed = site.saved.length;
    const group = groups.find(({ saved, fewest }) => {
      const all = new Set([...saved, ...site.saved]).size;
      return all <= Math.min(fewest, needed) + SLACK;
    });
    if (group) {
      group.sites.push(site);
      group.saved = new Set([...group.saved, ...site.saved]);
      group.fewest = Math.min(group.fewest, needed);
    } else groups.push({ sites: [site], saved: new Set(site.saved), fewest: needed });
  }
  return groups;
}

/** A place in a region that labels are needed for. */
interface Stop {
  readonly label: Label;
  readonly results: readonly number[];
  /** What is behind the label, if one can come back to it: a site, or a region with sites. */
  readonly target: Site | Block | undefined;
}

/** A reference to an exception that becomes a number on its way to a handler. */
interface Conversion extends Mark {
  readonly tag: number;
  readonly target: Block;
  readonly hasPayload: boolean;
}

class FunctionWriter {
  readonly #input: FunctionInput;
  readonly #module: ForkModule;
  readonly #code: Code;
  readonly #plan: Plan;
  readonly #writer = new Writer();
  readonly #hints: BranchHint[] = [];
  readonly #moves: [number, number][] = [];
  readonly #open: Label[] = [];
  readonly #numbers = new Map<Site, number>();
  readonly #entrances = new Map<Block, Mark>();
  readonly #elses = new Map<Block, Mark>();
  readonly #locals: number[];
  /** A local that is 1 on the way to the site to come back to, else 0; -1 when there are no regions within the function. */
  readonly #resume: number;
  /** A local that holds the number of the site that is being called. */
  readonly #siteLocal: number;
  readonly #scratch: number;
  readonly #groups: readonly SaveGroup[];
  readonly #groupOf = new Map<Site, SaveGroup>();

  constructor(input: FunctionInput, module: ForkModule) {
    this.#input = input;
    this.#module = module;
    this.#code = input.code;
    this.#plan = planFork(input);
    for (const site of this.#plan.sites.values()) this.#numbers.set(site, this.#numbers.size + 1);
    this.#locals = [...this.#plan.locals];
    const hasRegions = [...this.#plan.blocks.keys()].some((block) => this.#isRegion(block));
    this.#resume = hasRegions ? this.#locals.push(VALUE.i32) - 1 : -1;
    this.#siteLocal = this.#plan.sites.size > 0 ? this.#locals.push(VALUE.i32) - 1 : -1;
    this.#groups = groupSites([...this.#plan.sites.values()]);
    for (const group of this.#groups) for (const site of group.sites) this.#groupOf.set(site, group);
    const needsScratch = this.#code.instructions.some(
      ({ op, block }) => op === OP.throwRef || (block && (block.handlers.length > 0 || op === OP.if)),
    );
    this.#scratch = needsScratch ? this.#locals.push(VALUE.i32) - 1 : -1;
  }

  run(): RewrittenFunction {
    const groups: [number, number][] = [];
    for (const type of this.#locals.slice(this.#input.parameters)) {
      const last = groups[groups.length - 1];
      if (last?.[1] === type) last[0]++;
      else groups.push([1, type]);
    }
    this.#writer.u32(groups.length);
    for (const [count, type] of groups) this.#writer.u32(count).byte(type);
    const { root } = this.#code;
    this.#open.push(root);
    for (const group of this.#groups.toReversed()) this.#begin(OP.block, group, []);
    this.#region(root);
    if (this.#groups.length > 0) {
      this.#moves.push([this.#code.instructions[root.end]?.at ?? 0, this.#writer.length]);
      this.#writer.byte(OP.return);
    }
    for (const group of this.#groups) {
      this.#end(group);
      this.#save(group);
    }
    this.#end(root);
    return { body: this.#writer.finish(), hints: this.#hints, moves: this.#moves };
  }

  #isRegion({ op }: Block): boolean {
    return op === OP.loop || op === OP.tryTable;
  }

  // labels

  #depth(label: Label): number {
    const at = this.#open.lastIndexOf(label);
    if (at < 0) throw new Error('a branch to a label that is not open');
    return this.#open.length - 1 - at;
  }

  #begin(op: number, label: Label, results: readonly number[]): void {
    this.#writer.byte(op);
    this.#blockType({ params: [], results });
    this.#open.push(label);
  }

  #end(label: Label): void {
    if (this.#open.pop() !== label) throw new Error('labels end in another order than they began');
    this.#writer.byte(OP.end);
  }

  #branch(op: number, label: Label): void {
    this.#writer.byte(op).u32(this.#depth(label));
  }

  #blockType({ params, results }: FunctionType): void {
    const [result] = results;
    if (params.length > 0 || results.length > 1) {
      this.#writer.s32(this.#module.type({ params: params.map(stored), results: results.map(stored) }));
    } else this.#writer.byte(result === undefined ? BLOCK_VOID : stored(result));
  }

  #ifUnlikely(): void {
    this.#hints.push({ offset: this.#writer.length, likely: 0 });
    this.#begin(OP.if, { mark: 'if' }, []);
  }

  #endIf(): void {
    this.#open.pop();
    this.#writer.byte(OP.end);
  }

  // values

  #const(value: number): void {
    this.#writer.byte(OP.i32Const).s32(value);
  }

  #get(local: number): void {
    this.#writer.byte(OP.localGet).u32(local);
  }

  #set(local: number): void {
    this.#writer.byte(OP.localSet).u32(local);
  }

  #make(recipe: Recipe): void {
    if ('local' in recipe) this.#get(recipe.local);
    else this.#writer.put(this.#input.bytes.subarray(recipe.constant.at, recipe.constant.end));
  }

  #typeOf(recipe: Recipe): number {
    return 'local' in recipe ? (this.#plan.locals[recipe.local] ?? 0) : VALUE.i32 - (recipe.constant.op - OP.i32Const);
  }

  #zero(type: number): void {
    const { i32, i64, f32, f64, v128 } = VALUE;
    const writer = this.#writer;
    if (type === v128) writer.byte(OP.prefixSimd).u32(12).put(new Uint8Array(16));
    else if (type < v128) writer.byte(OP.refNull).byte(type);
    else {
      writer.byte(OP.i32Const + (i32 - type));
      if (type === i32 || type === i64) writer.byte(0);
      else writer.put(new Uint8Array(type === f32 ? 4 : type === f64 ? 8 : 0));
    }
  }

  // saving and restoring

  /** What is saved, in the portions that are saved at once; the site's number goes to the end of the last. */
  #portions({ saved }: SaveGroup): number[][] {
    const byType = new Map<number, number[]>();
    for (const local of saved) {
      const type = this.#plan.locals[local] ?? 0;
      byType.set(type, [...(byType.get(type) ?? []), local]);
    }
    const portions: number[][] = [];
    const numbers = byType.get(VALUE.i32) ?? [];
    byType.delete(VALUE.i32);
    for (const locals of [...byType.values(), numbers]) {
      for (let at = 0; at < locals.length; at += MOST_SAVED) portions.push(locals.slice(at, at + MOST_SAVED));
    }
    if (numbers.length % MOST_SAVED === 0) portions.push([]);
    return portions;
  }

  #types(locals: readonly number[]): number[] {
    return locals.map((local) => this.#plan.locals[local] ?? 0);
  }

  /** if (state) go to where the site's group is saved */
  #leave(site: Site): void {
    this.#writer.byte(OP.globalGet).u32(this.#module.state);
    this.#hints.push({ offset: this.#writer.length, likely: 0 });
    this.#branch(OP.brIf, this.#groupOf.get(site) as SaveGroup);
  }

  /** Saves and returns. */
  #save(group: SaveGroup): void {
    const portions = this.#portions(group);
    for (const [index, locals] of portions.entries()) {
      for (const local of locals) this.#get(local);
      const isLast = index === portions.length - 1;
      if (isLast) this.#get(this.#siteLocal);
      this.#writer.byte(OP.call).u32(this.#module.save([...this.#types(locals), ...(isLast ? [VALUE.i32] : [])]));
    }
    for (const type of this.#input.results) this.#zero(type);
    if (group !== this.#groups.at(-1)) this.#writer.byte(OP.return);
  }

  #restore(group: SaveGroup): void {
    for (const locals of this.#portions(group).reverse()) {
      if (locals.length === 0) continue;
      this.#writer.byte(OP.call).u32(this.#module.load(this.#types(locals)));
      for (const local of locals.toReversed()) this.#set(local);
    }
  }

  /** Finds out which site the function was left at, and restores what was saved there. */
  #restoreAll(): void {
    this.#writer.byte(OP.call).u32(this.#module.load([VALUE.i32]));
    this.#set(this.#siteLocal);
    const [only] = this.#groups;
    if (only && this.#groups.length === 1) {
      this.#restore(only);
      return;
    }
    const restored = { mark: 'restored' };
    this.#begin(OP.block, restored, []);
    const arms = this.#groups.map(() => ({ mark: 'group' }));
    for (const arm of arms.toReversed()) this.#begin(OP.block, arm, []);
    this.#get(this.#siteLocal);
    // the numbers begin at 1
    const table = [
      0,
      ...[...this.#numbers.keys()].map((site) => this.#groups.indexOf(this.#groupOf.get(site) as SaveGroup)),
    ];
    this.#writer.byte(OP.brTable).u32(table.length - 1);
    for (const index of table) this.#writer.u32(index);
    for (const [index, arm] of arms.entries()) {
      this.#end(arm);
      this.#restore(this.#groups[index] as SaveGroup);
      if (index < arms.length - 1) this.#branch(OP.br, restored);
    }
    this.#end(restored);
  }

  /** Makes what the site's call takes, and goes there. */
  #comeBack(site: Site, isRoot: boolean): void {
    if (!isRoot) {
      this.#const(0);
      this.#set(this.#resume);
    }
    for (const recipe of site.under) this.#make(recipe);
    for (const type of site.type.params) this.#zero(type);
    if (site.callee) this.#make(site.callee);
    this.#branch(OP.br, site);
  }

  /** if (state) trap */
  #trapIfLeft(): void {
    this.#writer.byte(OP.globalGet).u32(this.#module.state);
    this.#ifUnlikely();
    this.#writer.byte(OP.unreachable);
    this.#endIf();
  }

  // regions: the function, and its loops and try blocks with sites

  #stops(region: Block): Stop[] {
    const stops: Stop[] = [];
    const { instructions } = this.#code;
    for (let index = region.begin + 1; index < region.end; index++) {
      const site = this.#plan.sites.get(index);
      if (site) {
        const callee = site.callee ? [VALUE.i32] : [];
        const results = [...site.under.map((recipe) => this.#typeOf(recipe)), ...site.type.params, ...callee];
        stops.push({ label: site, results, target: site });
        continue;
      }
      const block = instructions[index]?.block;
      if (!block || !this.#plan.blocks.has(block)) continue;
      if (this.#isRegion(block)) {
        const label = { mark: 'entrance' };
        this.#entrances.set(block, label);
        const hasSites = this.#sitesOf(block).length > 0;
        stops.push({ label, results: [], target: hasSites ? block : undefined });
        index = block.end;
      } else if (index === block.otherwise) {
        const label = { mark: 'else' };
        this.#elses.set(block, label);
        stops.push({ label, results: [], target: undefined });
      } else if (index === block.end) {
        stops.push({ label: block, results: block.type.results, target: undefined });
      }
    }
    return stops;
  }

  #region(region: Block): void {
    const stops = this.#stops(region);
    for (const { label, results } of stops.toReversed()) this.#begin(OP.block, label, results);
    const targets = stops.filter(({ target }) => target !== undefined);
    if (targets.length > 0) this.#dispatch(region, targets);
    this.#instructions(region.begin + 1, region.end - 1);
  }

  /** Goes to where the function was left, if it was. */
  #dispatch(region: Block, stops: readonly Stop[]): void {
    const isRoot = region === this.#code.root;
    if (isRoot) this.#writer.byte(OP.globalGet).u32(this.#module.state);
    else this.#get(this.#resume);
    this.#ifUnlikely();
    if (isRoot) this.#restoreAll();
    const [stop] = stops;
    if (stop && stops.length === 1) this.#goTo(stop, isRoot);
    else this.#choose(stops, isRoot);
    this.#endIf();
  }

  /** Goes to the stop of the site that the function was left at. */
  #choose(stops: readonly Stop[], isRoot: boolean): void {
    const numbers = stops.map(({ target }) => this.#sitesOf(target));
    const first = numbers[0]?.[0] ?? 1;
    const arms = stops.map(() => ({ mark: 'arm' }));
    for (const arm of arms.toReversed()) this.#begin(OP.block, arm, []);
    this.#get(this.#siteLocal);
    // the numbers begin at 1
    if (first > 1) {
      this.#const(first);
      this.#writer.byte(OP.i32Sub);
    }
    const table = numbers.flatMap((sites, index) => sites.map(() => index));
    if (first === 1) table.unshift(0);
    this.#writer.byte(OP.brTable).u32(table.length - 1);
    for (const index of table) this.#writer.u32(index);
    for (const [index, arm] of arms.entries()) {
      this.#end(arm);
      this.#goTo(stops[index] as Stop, isRoot);
    }
  }

  #goTo({ target, label }: Stop, isRoot: boolean): void {
    if (target && 'saved' in target) {
      this.#comeBack(target, isRoot);
      return;
    }
    if (isRoot) {
      this.#const(1);
      this.#set(this.#resume);
    }
    this.#branch(OP.br, label);
  }

  /** The numbers of a site, or of the sites in a region. */
  #sitesOf(target: Site | Block | undefined): number[] {
    if (!target) return [];
    if ('saved' in target) return [this.#numbers.get(target) ?? 0];
    const numbers: number[] = [];
    for (const [site, number] of this.#numbers) {
      if (site.index > target.begin && site.index < target.end) numbers.push(number);
    }
    return numbers;
  }

  #instructions(from: number, to: number): void {
    for (let index = from; index <= to; index++) {
      const instruction = this.#code.instructions[index] as Instruction;
      this.#moves.push([instruction.at, this.#writer.length]);
      const { block } = instruction;
      const site = this.#plan.sites.get(index);
      if (site) this.#site(index, instruction, site);
      else if (block && this.#plan.blocks.has(block)) {
        if (index === block.begin && this.#isRegion(block)) {
          this.#nested(block);
          index = block.end;
        } else this.#hoisted(index, instruction, block);
      } else this.#other(index, instruction);
    }
  }

  #site(index: number, instruction: Instruction, site: Site): void {
    this.#end(site);
    const { bytes } = this.#input;
    this.#const(this.#numbers.get(site) ?? 0);
    this.#set(this.#siteLocal);
    const isDirect = instruction.op === OP.call || instruction.op === OP.returnCall;
    this.#writer.byte(isDirect ? OP.call : OP.callIndirect).put(bytes.subarray(instruction.at + 1, instruction.end));
    this.#leave(site);
    if (instruction.op === OP.returnCall || instruction.op === OP.returnCallIndirect) this.#writer.byte(OP.return);
    else this.#keep(index);
  }

  /** Sets the slots of what an instruction has made. */
  #keep(index: number): void {
    const slots = this.#plan.slots.get(index);
    if (!slots) return;
    const kept = slots.filter((slot) => slot >= 0);
    const [slot] = kept;
    if (kept.length === 1 && slot !== undefined) this.#writer.byte(OP.localTee).u32(slot);
    else {
      for (const each of kept.toReversed()) this.#set(each);
      for (const each of kept) this.#get(each);
    }
  }

  /** Puts away what lies under a block with sites. */
  #putAway(block: Block): void {
    for (const _ of this.#plan.blocks.get(block) ?? []) this.#writer.byte(OP.drop);
  }

  /** Puts that under the block's results. */
  #bringBack(block: Block): void {
    const under = this.#plan.blocks.get(block) ?? [];
    if (under.length === 0) {
      this.#keep(block.end);
      return;
    }
    const slots = this.#plan.slots.get(block.end) ?? [];
    for (const slot of slots.toReversed()) this.#set(slot);
    for (const recipe of under) this.#make(recipe);
    for (const slot of slots) this.#get(slot);
  }

  /** A loop or try block with sites. */
  #nested(block: Block): void {
    this.#putAway(block);
    const entrance = this.#entrances.get(block);
    if (entrance) this.#end(entrance);
    if (block.op === OP.loop) {
      this.#begin(OP.loop, block, block.type.results);
      this.#region(block);
      this.#end(block);
    } else {
      const conversions = this.#beginTry(block);
      this.#region(block);
      this.#endTry(block, conversions);
    }
    this.#bringBack(block);
  }

  /** What begins, divides or ends a block or `if` with sites, whose labels are open already. */
  #hoisted(index: number, instruction: Instruction, block: Block): void {
    if (index === block.end) {
      this.#end(block);
      this.#bringBack(block);
    } else if (index === block.otherwise) {
      this.#branch(OP.br, block);
      this.#end(this.#elses.get(block) as Mark);
    } else if (block.op === OP.if) {
      if ((this.#plan.blocks.get(block)?.length ?? 0) > 0) {
        this.#set(this.#scratch);
        this.#putAway(block);
        this.#get(this.#scratch);
      }
      this.#writer.byte(I32_EQZ);
      const likely = this.#input.hints.get(instruction.at);
      if (likely !== undefined) this.#hints.push({ offset: this.#writer.length, likely: 1 - likely });
      this.#branch(OP.brIf, this.#elses.get(block) ?? block);
    } else this.#putAway(block);
  }

  #other(index: number, { op, at, end, value, block, targets }: Instruction): void {
    const { bytes, hints } = this.#input;
    const likely = hints.get(at);
    if (likely !== undefined) this.#hints.push({ offset: this.#writer.length, likely });
    const copy = (): void => {
      this.#writer.put(bytes.subarray(at, end));
    };
    if (op === OP.tryTable && block) this.#conversions.set(block, this.#beginTry(block));
    else if (op === OP.end && block?.op === OP.tryTable) this.#endTry(block, this.#conversions.get(block) ?? []);
    else if (op === OP.end && block) this.#end(block);
    else if (op === OP.else) copy();
    else if (block) {
      this.#writer.byte(op);
      this.#blockType(block.type);
      this.#open.push(block);
    } else if (op === OP.br || op === OP.brIf) for (const target of targets) this.#branch(op, target);
    else if (op === OP.brTable) {
      this.#writer.byte(op).u32(targets.length - 1);
      for (const target of targets) this.#writer.u32(this.#depth(target));
    } else if (op === OP.throwRef) this.#throwRef();
    else if (op === OP.refNull && value === VALUE.exnref) this.#const(0);
    else if (op === OP.selectTyped && bytes[at + 2] === VALUE.exnref) this.#writer.byte(op).u32(1).byte(VALUE.i32);
    else copy();
    if (op === OP.callIndirect && this.#input.isChecked) this.#trapIfLeft();
    this.#keep(index);
  }

  // exceptions

  readonly #conversions = new Map<Block, readonly Conversion[]>();

  #beginTry(block: Block): readonly Conversion[] {
    const conversions: Conversion[] = [];
    const clauses: { kind: number; tag: number; target: Label }[] = [];
    for (const { kind, tag, target } of block.handlers) {
      if (kind === CATCH.tag || kind === CATCH.all) {
        clauses.push({ kind, tag, target });
        continue;
      }
      const tags = kind === CATCH.tagRef ? [tag] : Array.from({ length: this.#module.tags }, (_, each) => each);
      for (const each of tags) {
        const conversion: Conversion = { mark: 'caught', tag: each, target, hasPayload: kind === CATCH.tagRef };
        conversions.push(conversion);
        clauses.push({ kind: CATCH.tag, tag: each, target: conversion });
      }
    }
    if (conversions.length > 0) {
      this.#begin(OP.block, this.#past(block), block.type.results);
      for (const conversion of conversions.toReversed()) this.#begin(OP.block, conversion, [VALUE.i32]);
    }
    if (block.type.params.length > 0) throw new Unforkable('a try block has parameters');
    const writer = this.#writer.byte(OP.tryTable);
    this.#blockType(block.type);
    writer.u32(clauses.length);
    for (const { kind, tag, target } of clauses) {
      writer.byte(kind);
      if (kind === CATCH.tag) writer.u32(tag);
      writer.u32(this.#depth(target));
    }
    this.#open.push(block);
    return conversions;
  }

  readonly #pasts = new Map<Block, Mark>();

  /** The label behind a try block and its conversions. */
  #past(block: Block): Mark {
    const past = this.#pasts.get(block) ?? { mark: 'past' };
    this.#pasts.set(block, past);
    return past;
  }

  #endTry(block: Block, conversions: readonly Conversion[]): void {
    this.#end(block);
    if (conversions.length === 0) return;
    const past = this.#past(block);
    this.#branch(OP.br, past);
    for (const conversion of conversions) {
      this.#end(conversion);
      if (conversion.hasPayload) {
        this.#writer.byte(OP.localTee).u32(this.#scratch);
        this.#get(this.#scratch);
      }
      if (conversion.tag > 0) {
        this.#const(conversion.tag);
        this.#writer.byte(I32_OR);
      }
      this.#branch(OP.br, conversion.target);
    }
    this.#end(past);
  }

  /** Throws anew what a number stands for. */
  #throwRef(): void {
    const writer = this.#writer;
    if (this.#module.tags > 1) {
      this.#set(this.#scratch);
      this.#get(this.#scratch);
      this.#const(1);
      writer.byte(I32_AND).byte(OP.if).byte(BLOCK_VOID);
      this.#get(this.#scratch);
      this.#const(1);
      writer.byte(I32_XOR).byte(OP.throw).u32(1).byte(OP.end);
      this.#get(this.#scratch);
    }
    writer.byte(OP.throw).u32(0);
  }
}

/** Throws Unforkable. */
export function rewriteFunction(input: FunctionInput, module: ForkModule): RewrittenFunction {
  return new FunctionWriter(input, module).run();
}
