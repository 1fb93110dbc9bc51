// SPDX-License-Identifier: MIT
/**
 * memory.copy and memory.fill as functions that poll: a program may copy a gigabyte with one instruction, during which nobody
 * else runs. They do a megabyte at a time and are charged for it. Used by safepoints.ts.
 *
 * Unlike the instruction, a copy that leaves the memory has copied something before it traps.
 */

import { Writer } from './binary.ts';
import { BLOCK_VOID } from './builder.ts';
import { MISC, OP } from './instructions.ts';

/** Bytes that cost nothing beside the call. */
export const SMALL_BULK = 4096;
/** Bytes that are done at once: some 100 us. */
const STEP = 1 << 20;
/** Bytes in a unit, as a power of two. */
const UNIT_SHIFT = 4;

const DESTINATION = 0;
/** The source of a copy, or the value to fill with. */
const SOURCE = 1;
const LENGTH = 2;

const get = (local: number) => [OP.localGet, local];
const constant = (value: number) => [OP.i32Const, ...new Writer().s32(value).view()];
const isMoreThan = (bytes: number) => [...get(LENGTH), ...constant(bytes), OP.i32GtU];
const plus = (left: readonly number[], right: readonly number[]) => [...left, ...right, OP.i32Add];
const advance = (local: number) => [...plus(get(local), constant(STEP)), OP.localSet, local];
const shorten = [...get(LENGTH), ...constant(STEP), OP.i32Sub, OP.localSet, LENGTH];

/** The code of a function (destination, source or value, length) -> (), without `end`. poll: the function that is charged. */
export function bulkFunction(op: typeof MISC.memoryCopy | typeof MISC.memoryFill, poll: number): number[] {
  const isCopy = op === MISC.memoryCopy;
  const call = [OP.call, ...new Writer().u32(poll).view()];
  const doIt = [OP.prefixMisc, op, 0, ...(isCopy ? [0] : [])];
  const steps = (round: readonly number[]) => [
    ...[OP.loop, BLOCK_VOID, ...round],
    ...[...constant(STEP >> UNIT_SHIFT), ...call],
    ...[...isMoreThan(STEP), OP.brIf, 0, OP.end],
  ];
  const forward = steps([
    ...[...get(DESTINATION), ...get(SOURCE), ...constant(STEP), ...doIt],
    ...[...advance(DESTINATION), ...(isCopy ? advance(SOURCE) : []), ...shorten],
  ]);
  const fromItsEnd = (local: number) => plus(get(local), get(LENGTH));
  const backward = steps([
    ...shorten,
    ...[...fromItsEnd(DESTINATION), ...fromItsEnd(SOURCE), ...constant(STEP), ...doIt],
  ]);
  // It must begin at the end if the destination lies in the source.
  const overlaps = [...get(DESTINATION), ...get(SOURCE), OP.i32Sub, ...get(LENGTH), OP.i32LtU];
  const inSteps = isCopy ? [...overlaps, OP.if, BLOCK_VOID, ...backward, OP.else, ...forward, OP.end] : forward;
  return [
    ...[...isMoreThan(SMALL_BULK), OP.if, BLOCK_VOID],
    ...[...isMoreThan(STEP), OP.if, BLOCK_VOID, ...inSteps, OP.end],
    ...[...get(LENGTH), ...constant(UNIT_SHIFT), OP.i32ShrU, ...call],
    OP.end,
    ...[...get(DESTINATION), ...get(SOURCE), ...get(LENGTH), ...doIt],
  ];
}
