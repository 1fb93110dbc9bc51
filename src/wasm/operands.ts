// SPDX-License-Identifier: MIT
/**
 * What instructions take from the operand stack and put there: those whose types depend on nothing but the opcode. Control
 * flow, calls, and what handles values of any type (locals, globals, tables, select) are the business of who walks the code
 * (fork-plan.ts). Covers what instructions.ts reads.
 */

import { MalformedModule } from './binary.ts';
import { VALUE } from './function-types.ts';
import { OP } from './instructions.ts';

export interface Operands {
  /** How many values it takes. */
  readonly pops: number;
  /** The type of the value that it puts there, if it does. */
  readonly push: number | undefined;
}

const { i32, i64, f32, f64, v128 } = VALUE;

/** A range of opcodes up to and with `last`. */
type Range = readonly [last: number, pops: number, push: number | undefined];

const plain: readonly Range[] = [
  [0x28, 1, i32], // loads
  [0x29, 1, i64],
  [0x2a, 1, f32],
  [0x2b, 1, f64],
  [0x2f, 1, i32],
  [0x35, 1, i64],
  [0x3e, 2, undefined], // stores
  [0x3f, 0, i32], // memory.size
  [0x40, 1, i32], // memory.grow
  [0x41, 0, i32], // constants
  [0x42, 0, i64],
  [0x43, 0, f32],
  [0x44, 0, f64],
  [0x45, 1, i32], // comparisons
  [0x4f, 2, i32],
  [0x50, 1, i32],
  [0x66, 2, i32],
  [0x69, 1, i32], // arithmetic
  [0x78, 2, i32],
  [0x7b, 1, i64],
  [0x8a, 2, i64],
  [0x91, 1, f32],
  [0x98, 2, f32],
  [0x9f, 1, f64],
  [0xa6, 2, f64],
  [0xab, 1, i32], // conversions
  [0xb1, 1, i64],
  [0xb6, 1, f32],
  [0xbb, 1, f64],
  [0xbc, 1, i32],
  [0xbd, 1, i64],
  [0xbe, 1, f32],
  [0xbf, 1, f64],
  [0xc1, 1, i32], // sign extension
  [0xc4, 1, i64],
];

const misc: readonly Range[] = [
  [3, 1, i32], // saturating conversions
  [7, 1, i64],
  [8, 3, undefined], // memory.init
  [9, 0, undefined], // data.drop
  [12, 3, undefined], // memory.copy, memory.fill, table.init
  [13, 0, undefined], // elem.drop
  [14, 3, undefined], // table.copy
  [15, 2, i32], // table.grow
  [16, 0, i32], // table.size
  [17, 3, undefined], // table.fill
];

const atomicLoadsAndStores: readonly Range[] = [
  [0, 2, i32], // notify
  [2, 3, i32], // wait
  [3, 0, undefined], // fence
  [0x10, 1, i32],
  [0x11, 1, i64],
  [0x13, 1, i32],
  [0x16, 1, i64],
  [0x1d, 2, undefined],
];

/** Atomic read-modify-write instructions come in sevens: i32, i64, then the narrow ones of both. */
const ATOMIC_RMW = 0x1e;
const ATOMIC_COMPARE_EXCHANGE = 0x48;
const atomicTypes = [i32, i64, i32, i32, i64, i64, i64];

const simd: readonly Range[] = [
  [10, 1, v128], // loads
  [11, 2, undefined], // v128.store
  [12, 0, v128], // v128.const
  [14, 2, v128], // shuffle, swizzle
  [20, 1, v128], // splat
  [22, 1, i32], // lanes
  [23, 2, v128],
  [25, 1, i32],
  [26, 2, v128],
  [27, 1, i32],
  [28, 2, v128],
  [29, 1, i64],
  [30, 2, v128],
  [31, 1, f32],
  [32, 2, v128],
  [33, 1, f64],
  [34, 2, v128],
  [76, 2, v128], // comparisons
  [77, 1, v128], // not
  [81, 2, v128],
  [82, 3, v128], // bitselect
  [83, 1, i32], // any_true
  [87, 2, v128], // v128.load_lane
  [91, 2, undefined], // v128.store_lane
  [95, 1, v128],
];

/** Those above that take one vector and give one. */
const simdUnary = new Set([
  96, 97, 98, 103, 104, 105, 106, 116, 117, 122, 124, 125, 126, 127, 128, 129, 135, 136, 137, 138, 148, 160, 161, 167,
  168, 169, 170, 192, 193, 199, 200, 201, 202, 224, 225, 227, 236, 237, 239, 248, 249, 250, 251, 252, 253, 254, 255,
  257, 258, 259, 260,
]);
/** all_true and bitmask. */
const simdTests = new Set([99, 100, 131, 132, 163, 164, 195, 196]);
/** Relaxed multiply-add, lane select and dot product. */
const simdTernary = new Set([261, 262, 263, 264, 265, 266, 267, 268, 275]);
const LAST_SIMD = 275;

function find(ranges: readonly Range[], op: number): Operands | undefined {
  const range = ranges.find(([last]) => op <= last);
  return range && { pops: range[1], push: range[2] };
}

function atomic(op: number): Operands | undefined {
  if (op < ATOMIC_RMW) return find(atomicLoadsAndStores, op);
  const isExchange = op >= ATOMIC_COMPARE_EXCHANGE;
  const push = atomicTypes[(op - (isExchange ? ATOMIC_COMPARE_EXCHANGE : ATOMIC_RMW)) % 7];
  return { pops: isExchange ? 3 : 2, push };
}

function vector(op: number): Operands | undefined {
  if (op <= 95) return find(simd, op);
  if (op > LAST_SIMD) return undefined;
  if (simdTests.has(op)) return { pops: 1, push: i32 };
  if (simdUnary.has(op)) return { pops: 1, push: v128 };
  return { pops: simdTernary.has(op) ? 3 : 2, push: v128 };
}

const plainByOpcode = Array.from({ length: 0xc5 }, (_, op) => (op < 0x28 ? undefined : find(plain, op)));

/** Of an instruction with this opcode; `second` is that of a prefixed one. */
export function operandsOf(op: number, second: number): Operands {
  let operands: Operands | undefined;
  if (op === OP.prefixMisc) operands = find(misc, second);
  else if (op === OP.prefixSimd) operands = vector(second);
  else if (op === OP.prefixAtomic) operands = atomic(second);
  else operands = plainByOpcode[op];
  if (!operands) throw new MalformedModule(`unknown instruction 0x${op.toString(16)} ${second}`);
  return operands;
}
