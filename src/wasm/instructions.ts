// SPDX-License-Identifier: MIT
/**
 * How long each instruction's immediates are, so that a pass can walk a function's code and stop at the instructions that
 * it cares for. Covers what clang and Binaryen emit: the MVP, sign extension, saturating conversions, bulk memory,
 * reference types, tail calls, both exception flavours, SIMD and threads.
 */

import { MalformedModule, type Reader } from './binary.ts';

export const OP = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  delegate: 0x18,
  catchAll: 0x19,
  drop: 0x1a,
  select: 0x1b,
  selectTyped: 0x1c,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableSet: 0x26,
  firstMemory: 0x28,
  lastMemory: 0x3e,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  firstNumeric: 0x45,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32GeU: 0x4f,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32ShrU: 0x76,
  lastNumeric: 0xc4,
  refNull: 0xd0,
  refIsNull: 0xd1,
  refFunc: 0xd2,
  prefixMisc: 0xfc,
  prefixSimd: 0xfd,
  prefixAtomic: 0xfe,
} as const;

/** What follows OP.prefixMisc. */
export const MISC = { memoryInit: 8, dataDrop: 9, memoryCopy: 10, memoryFill: 11 } as const;

export const opensBlock = (op: number): boolean =>
  op === OP.block || op === OP.loop || op === OP.if || op === OP.try || op === OP.tryTable;

/** Bit of a memory argument's alignment: a memory index follows. */
const MEMARG_HAS_INDEX = 0x40;

function skipMemoryArgument(reader: Reader): void {
  if (reader.u32() & MEMARG_HAS_INDEX) reader.skipNumber();
  reader.skipNumber();
}

function skipMisc(reader: Reader): void {
  const op = reader.u32();
  if (op < 8) return; // saturating conversions
  reader.skipNumber();
  // memory.init, memory.copy, table.init, table.copy have two indices
  if (op === 8 || op === 10 || op === 12 || op === 14) reader.skipNumber();
}

function skipSimd(reader: Reader): void {
  const op = reader.u32();
  if (op < 12 || op === 92 || op === 93) skipMemoryArgument(reader);
  else if (op < 14)
    reader.take(16); // v128.const, i8x16.shuffle
  else if (op >= 21 && op <= 34)
    reader.byte(); // lanes
  else if (op >= 84 && op <= 91) {
    skipMemoryArgument(reader);
    reader.byte();
  }
}

function skipAtomic(reader: Reader): void {
  if (reader.u32() === 3)
    reader.byte(); // atomic.fence
  else skipMemoryArgument(reader);
}

function skipTryTable(reader: Reader): void {
  reader.skipNumber();
  reader.vector(() => {
    if (reader.byte() < 2) reader.skipNumber(); // catch and catch_ref name a tag
    reader.skipNumber();
  });
}

/** Moves the reader from behind an opcode to the next instruction. */
export function skipImmediates(reader: Reader, op: number): void {
  if (op >= OP.firstMemory && op <= OP.lastMemory) skipMemoryArgument(reader);
  else if (op >= OP.firstNumeric && op <= OP.lastNumeric) return;
  else if (op >= OP.localGet && op <= OP.tableSet) reader.skipNumber();
  else skipOthers(reader, op);
}

function skipOthers(reader: Reader, op: number): void {
  switch (op) {
    case OP.unreachable:
    case OP.nop:
    case OP.else:
    case OP.throwRef:
    case OP.end:
    case OP.return:
    case OP.catchAll:
    case OP.drop:
    case OP.select:
    case OP.refIsNull:
      break;
    case OP.block:
    case OP.loop:
    case OP.if:
    case OP.try:
    case OP.catch:
    case OP.throw:
    case OP.rethrow:
    case OP.delegate:
    case OP.br:
    case OP.brIf:
    case OP.call:
    case OP.returnCall:
    case OP.memorySize:
    case OP.memoryGrow:
    case OP.i32Const:
    case OP.i64Const:
    case OP.refNull:
    case OP.refFunc:
      reader.skipNumber();
      break;
    case OP.callIndirect:
    case OP.returnCallIndirect:
      reader.skipNumber();
      reader.skipNumber();
      break;
    case OP.brTable:
      reader.vector(() => reader.skipNumber());
      reader.skipNumber();
      break;
    case OP.selectTyped:
      reader.vector(() => reader.skipNumber());
      break;
    case OP.tryTable:
      skipTryTable(reader);
      break;
    case OP.f32Const:
      reader.take(4);
      break;
    case OP.f64Const:
      reader.take(8);
      break;
    case OP.prefixMisc:
      skipMisc(reader);
      break;
    case OP.prefixSimd:
      skipSimd(reader);
      break;
    case OP.prefixAtomic:
      skipAtomic(reader);
      break;
    default:
      throw new MalformedModule(`unknown instruction 0x${op.toString(16)}`);
  }
}
