// SPDX-License-Identifier: MIT
/**
 * Lets the kernel know where a program may have written: behind each store, a byte of a card table is set. Without it all memory
 * that processes share has to be compared at a switch (kernel/arch/wasm/mm/shared.c); with it, the cards that are marked.
 *
 *   before  address  value  i32.store offset=8
 *   after   address  value  local.set $v  local.tee $a  local.get $v  i32.store offset=8
 *           local.get $a  i32.const 14  i32.shr_u  i32.const 1  i32.store8 offset=table
 *
 * The mark comes after the store, which has then been inside of the memory. The table is a page of the memory's own, behind what was
 * its initial size; its length is that of a memory of 1 GiB. A mark stands for a card and the page behind it, so that neither
 * small offsets nor stores across a boundary need any care. Not marked: stores to constant addresses, where nothing can be mapped,
 * and to the frame that a function has made on the stack: the kernel compares all of a mapping in which there is a stack.
 */

import { type Reader, Writer } from './binary.ts';
import { type BranchHint, readBranchHints, withBranchHints } from './branch-hints.ts';
import { BLOCK_VOID, TYPE } from './builder.ts';
import { VALUE } from './function-types.ts';
import { MISC, OP, skipImmediates } from './instructions.ts';
import { readLocals } from './locals.ts';
import { EXTERNAL, LIMIT, readExports, readImports, SECTION, type Section, sectionReader } from './module.ts';
import { readFunctionNames, withFunctionNames } from './names.ts';
import { operandsOf } from './operands.ts';
import { withElement, withSection } from './sections.ts';

/** Bytes of a card, as a power of two. The kernel's CARD_SHIFT. */
export const CARD_SHIFT = 14;
const TABLE_PAGES = 1;
export const CARD_TABLE_BYTES = TABLE_PAGES * 65536;
/** An offset up to this one stays, with the widest value, within the page behind a card. */
const NEAR = 4096 - 16;
const STACK_POINTER = '__stack_pointer';

export interface WithStoreMarks {
  readonly sections: readonly Section[];
  /** Address of the table. */
  readonly cards: number;
}

/** Types of the operands above the address, the first one first. */
type StoreOperands = readonly number[];

const { i32, i64, f32, f64, v128 } = VALUE;
const plainStores: Readonly<Record<number, number>> = {
  54: i32, // 0x36
  55: i64,
  56: f32,
  57: f64,
  58: i32,
  59: i32,
  60: i64,
  61: i64,
  62: i64,
};
const atomicTypes = [i32, i64, i32, i32, i64, i64, i64];
const ATOMIC = { firstStore: 0x17, firstRmw: 0x1e, firstExchange: 0x48 } as const;
const SIMD = { store: 11, firstStoreLane: 88, lastStoreLane: 91 } as const;

/** What an instruction takes beside an address that it writes to; undefined when it writes to none. */
function storeOperands(op: number, second: number): StoreOperands | undefined {
  const plain = plainStores[op];
  if (plain !== undefined) return [plain];
  if (op === OP.prefixAtomic && second >= ATOMIC.firstStore) {
    const isExchange = second >= ATOMIC.firstExchange;
    const first = isExchange ? ATOMIC.firstExchange : ATOMIC.firstStore;
    const type = atomicTypes[(second - first) % 7] as number;
    return isExchange ? [type, type] : [type];
  }
  if (
    op === OP.prefixSimd &&
    (second === SIMD.store || (second >= SIMD.firstStoreLane && second <= SIMD.lastStoreLane))
  )
    return [v128];
  return undefined;
}

interface Store {
  readonly at: number;
  readonly end: number;
  /** Undefined: memory.copy or memory.fill. */
  readonly operands: StoreOperands | undefined;
  readonly isCopy: boolean;
  readonly offset: number;
}

interface Body {
  readonly start: number;
  readonly end: number;
  readonly instructions: number;
  readonly groups: number;
  readonly locals: number;
  readonly stores: readonly Store[];
}

/** What a value on the operand stack is known to be. */
type Origin = 'constant' | 'stack pointer' | number | undefined;

const numericOperands = (op: number) => op >= OP.firstMemory && op <= OP.lastNumeric && op !== OP.memoryGrow;

function readBody(reader: Reader, parameters: number, stackPointer: number | undefined): Body {
  const size = reader.u32();
  const start = reader.position;
  const end = start + size;
  const { groups, count } = readLocals(reader);
  const instructions = reader.position;
  const found: (Store & { readonly address: Origin })[] = [];
  /** Each local that is given the frame's address: false when it is given something else, too. */
  const frames = new Map<number, boolean>();
  let stack: Origin[] = [];
  while (reader.position < end) {
    const at = reader.position;
    const op = reader.byte();
    const afterOpcode = reader.position;
    const second = op >= OP.prefixMisc ? reader.u32() : 0;
    reader.position = afterOpcode;
    skipImmediates(reader, op);
    const next = reader.position;
    const operands = storeOperands(op, second);
    const isBulk = op === OP.prefixMisc && (second === MISC.memoryCopy || second === MISC.memoryFill);
    if (operands || isBulk) {
      let offset = 0;
      let memory = 0;
      reader.position = afterOpcode;
      if (op >= OP.prefixMisc) reader.u32();
      if (operands) {
        if (reader.u32() & 0x40) memory = reader.u32();
        offset = reader.u32();
      }
      reader.position = next;
      const address = stack.at(-1 - (operands?.length ?? 2));
      if (memory === 0) found.push({ at, end: next, operands, isCopy: second === MISC.memoryCopy, offset, address });
    }
    if (op === OP.localGet || op === OP.localSet || op === OP.localTee || op === OP.globalGet) {
      reader.position = afterOpcode;
      const index = reader.u32();
      reader.position = next;
      if (op === OP.localGet) stack.push(index);
      else if (op === OP.globalGet) stack.push(index === stackPointer ? 'stack pointer' : undefined);
      else {
        const value = op === OP.localSet ? stack.pop() : stack.at(-1);
        frames.set(index, index >= parameters && !frames.has(index) && value === 'stack pointer');
        if (op === OP.localTee && stack.length > 0) stack[stack.length - 1] = index;
      }
    } else if (op === OP.i32Const) stack.push('constant');
    else if (op === OP.i32Sub) {
      const subtracted = stack.pop();
      const from = stack.pop();
      stack.push(from === 'stack pointer' && subtracted === 'constant' ? 'stack pointer' : undefined);
    } else if (numericOperands(op) || op >= OP.prefixMisc) {
      const { pops, push } = operandsOf(op, second);
      for (let i = 0; i < pops; i++) stack.pop();
      if (push !== undefined) stack.push(undefined);
    } else stack = [];
  }
  const isFrame = (address: Origin) => typeof address === 'number' && frames.get(address) === true;
  const stores = found.filter(({ address }) => address !== 'constant' && !isFrame(address));
  return { start, end, instructions, groups, locals: count, stores };
}

const typeOrder: readonly number[] = [i32, i64, f32, f64, v128];

/** The locals that a function's stores need: one for the address, two at most of each type. */
class Temporaries {
  readonly #first: number;
  readonly #used: number[];

  constructor(first: number, stores: readonly Store[]) {
    this.#first = first;
    const most = typeOrder.map((type) =>
      stores.reduce((n, { operands = [] }) => Math.max(n, operands.filter((operand) => operand === type).length), 0),
    );
    most[0] = (most[0] ?? 0) + 1;
    this.#used = most;
  }

  get groups(): readonly (readonly [count: number, type: number])[] {
    return typeOrder.flatMap((type, i) => (this.#used[i] ? [[this.#used[i] as number, type] as const] : []));
  }

  get address(): number {
    return this.#first;
  }

  /** The nth of a type. */
  value(type: number, n: number): number {
    const i = typeOrder.indexOf(type);
    const before = this.#used.slice(0, i).reduce((sum, count) => sum + count, 0);
    return this.#first + before + n + (type === i32 ? 1 : 0);
  }
}

function writeMark(to: Writer, address: number, offset: number, cards: number): void {
  to.byte(OP.localGet).u32(address);
  if (offset > NEAR) to.byte(OP.i32Const).s32(offset).byte(OP.i32Add);
  to.byte(OP.i32Const).s32(CARD_SHIFT).byte(OP.i32ShrU);
  to.byte(OP.i32Const).s32(1).byte(0x3a).u32(0).u32(cards);
}

/** Code of (destination, source or value, length) -> (): the operation, then its marks. */
function bulkCode(op: number, cards: number): Uint8Array {
  const [destination, source, length] = [0, 1, 2];
  const to = new Writer().u32(0);
  const card = () => to.byte(OP.i32Const).s32(CARD_SHIFT).byte(OP.i32ShrU);
  to.byte(OP.localGet).u32(destination).byte(OP.localGet).u32(source).byte(OP.localGet).u32(length);
  to.byte(OP.prefixMisc).u32(op).byte(0);
  if (op === MISC.memoryCopy) to.byte(0);
  to.byte(OP.localGet).u32(length).byte(OP.if).byte(BLOCK_VOID);
  to.byte(OP.localGet).u32(destination);
  card();
  to.byte(OP.i32Const).s32(cards).byte(OP.i32Add).byte(OP.i32Const).s32(1);
  to.byte(OP.localGet).u32(destination).byte(OP.localGet).u32(length).byte(OP.i32Add);
  to.byte(OP.i32Const).s32(1).byte(OP.i32Sub);
  card();
  to.byte(OP.localGet).u32(destination);
  card();
  to.byte(OP.i32Sub).byte(OP.i32Const).s32(1).byte(OP.i32Add);
  to.byte(OP.prefixMisc).u32(MISC.memoryFill).byte(0);
  return to.byte(OP.end).byte(OP.end).finish();
}

/** The import section with TABLE_PAGES more of env.memory, and how many pages there were; undefined when it has no room. */
function withTable(sections: readonly Section[]): { sections: Section[]; pages: number } | undefined {
  const reader = sectionReader(sections, SECTION.import);
  const { bytes } = reader;
  for (let count = reader.u32(); count > 0; count--) {
    const name = `${reader.text()}.${reader.text()}`;
    const kind = reader.byte();
    if (kind !== EXTERNAL.memory) {
      if (kind === EXTERNAL.function) reader.u32();
      else return undefined;
      continue;
    }
    const flags = reader.byte();
    const at = reader.position;
    const pages = reader.u32();
    const end = reader.position;
    const maximum = flags & LIMIT.hasMaximum ? reader.u32() : undefined;
    if (name !== 'env.memory') continue;
    if (maximum !== undefined && maximum < pages + TABLE_PAGES) return undefined;
    const payload = new Writer()
      .put(bytes.subarray(0, at))
      .u32(pages + TABLE_PAGES)
      .put(bytes.subarray(end))
      .finish();
    return { sections: withSection(sections, SECTION.import, payload), pages };
  }
  return undefined;
}

function parameterCounts(sections: readonly Section[]): number[] {
  return sectionReader(sections, SECTION.type).vector((reader) => {
    reader.byte();
    const count = reader.vector(() => reader.byte()).length;
    reader.vector(() => reader.byte());
    return count;
  });
}

/** The module with marks; undefined when it has no memory env.memory that can have a table. */
export function withStoreMarks(sections: readonly Section[]): WithStoreMarks | undefined {
  const table = withTable(sections);
  if (!table) return undefined;
  const cards = table.pages * 65536;
  const exportedPointer = readExports(sections).find(
    ({ kind, name }) => kind === EXTERNAL.global && name === STACK_POINTER,
  );
  const importedFunctions = readImports(sections).filter(({ kind }) => kind === EXTERNAL.function).length;
  const functionTypes = sectionReader(sections, SECTION.function).vector((reader) => reader.u32());
  const counts = parameterCounts(sections);
  const parametersOf = (own: number) => counts[functionTypes[own] ?? 0] ?? 0;
  // It runs before the kernel looks for the first time.
  const start = sections.some(({ id }) => id === SECTION.start) ? sectionReader(sections, SECTION.start).u32() : -1;
  const oldHints = readBranchHints(sections);
  const hints = new Map<number, readonly BranchHint[]>();
  const reader = sectionReader(sections, SECTION.code);
  const { bytes } = reader;
  const bodies = reader.vector((_, own) => readBody(reader, parametersOf(own), exportedPointer?.index));
  const copy = importedFunctions + bodies.length;
  const code = new Writer().u32(bodies.length + 2);
  const out = new Writer();
  for (const [own, body] of bodies.entries()) {
    const index = importedFunctions + own;
    const stores = index === start ? [] : body.stores;
    const old = oldHints.get(index) ?? [];
    const moved: BranchHint[] = [];
    const temporaries = new Temporaries(parametersOf(own) + body.locals, stores);
    let copied = body.start;
    let hint = 0;
    out.clear();
    const copyTo = (to: number) => {
      for (let next = old[hint]; next && body.start + next.offset < to; next = old[++hint])
        moved.push({ offset: out.length + (body.start + next.offset - copied), likely: next.likely });
      out.put(bytes.subarray(copied, to));
      copied = to;
    };
    if (stores.some(({ operands }) => operands)) {
      out.u32(body.groups + temporaries.groups.length);
      copied += new Writer().u32(body.groups).length;
      copyTo(body.instructions);
      for (const [count, type] of temporaries.groups) out.u32(count).byte(type);
    }
    for (const { at, end, operands, isCopy, offset } of stores) {
      copyTo(at);
      if (!operands) {
        out.byte(OP.call).u32(isCopy ? copy : copy + 1);
        copied = end;
        continue;
      }
      const values = operands.map((type, i) => temporaries.value(type, operands[0] === type ? i : 0));
      for (const value of values.toReversed()) out.byte(OP.localSet).u32(value);
      out.byte(OP.localTee).u32(temporaries.address);
      for (const value of values) out.byte(OP.localGet).u32(value);
      copyTo(end);
      writeMark(out, temporaries.address, offset, cards);
    }
    copyTo(body.end);
    hints.set(index, moved);
    code.u32(out.length).put(out.view());
  }
  for (const op of [MISC.memoryCopy, MISC.memoryFill]) {
    const added = bulkCode(op, cards);
    code.u32(added.length).put(added);
  }
  const type = [...new Writer().u32(counts.length).view()];
  let result = withElement(table.sections, SECTION.type, [0x60, 3, TYPE.i32, TYPE.i32, TYPE.i32, 0]);
  result = withElement(withElement(result, SECTION.function, type), SECTION.function, type);
  result = withSection(result, SECTION.code, code.finish());
  const names = readFunctionNames(sections);
  if (names.size > 0) {
    names.set(copy, '__wasm_marked_copy').set(copy + 1, '__wasm_marked_fill');
    result = withFunctionNames(result, names);
  }
  return { sections: withBranchHints(result, hints), cards };
}
