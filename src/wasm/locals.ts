// SPDX-License-Identifier: MIT
/** The declarations of locals that a function's body begins with. */

import type { Reader } from './binary.ts';

export interface Locals {
  /** How many declarations, each of some locals of one type. */
  readonly groups: number;
  /** How many locals, without the parameters. */
  readonly count: number;
}

/** Moves the reader to the function's first instruction. */
export function readLocals(reader: Reader): Locals {
  const groups = reader.u32();
  let count = 0;
  for (let group = 0; group < groups; group++) {
    count += reader.u32();
    reader.skipNumber();
  }
  return { groups, count };
}
