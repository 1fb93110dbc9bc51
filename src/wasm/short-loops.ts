// SPDX-License-Identifier: MIT
/**
 * Which loops are provably short. Used by poll-plan.ts, which leaves short loops alone.
 *
 * A loop is short when it has no call, no inner loop and one back edge, and counts a local by a constant from one constant to
 * another that it is compared with for equality. LLVM writes such loops in two shapes; i is the counter:
 *
 *   tested at the end     loop ...  i += step  ...  i != N  br_if loop  end
 *   tested at the top     loop ...  i == N  br_if out  ...  i += step  br loop  end
 *                         loop  block  i != N  br_if 0  (straight code)  br out  end  ...  i += step  br loop  end
 */

import { Reader } from './binary.ts';
import { OP, opensBlock, skipImmediates } from './instructions.ts';
import type { Loop } from './loops.ts';

interface Instruction {
  readonly op: number;
  /** Where it is. */
  readonly at: number;
  /** How many blocks within the loop are open around it. */
  readonly depth: number;
  /** Of i32.const, local.* and branches: the number that follows; else 0. */
  readonly value: number;
}

function decode(bytes: Uint8Array, { body, end }: Loop): Instruction[] {
  const reader = new Reader(bytes, body);
  const instructions: Instruction[] = [];
  let depth = 0;
  while (reader.position <= end) {
    const at = reader.position;
    const op = reader.byte();
    if (op === OP.end) depth--;
    let value = 0;
    if (op === OP.i32Const) value = reader.s32();
    else if (op === OP.br || op === OP.brIf || (op >= OP.localGet && op <= OP.localTee)) value = reader.u32();
    else skipImmediates(reader, op);
    instructions.push({ op, at, depth, value });
    if (opensBlock(op)) depth++;
  }
  return instructions;
}

const leavesStraightLine = (op: number) => op >= OP.block && op <= OP.tryTable && op !== OP.drop && op !== OP.select;

/** A view of a loop's instructions in which a position beyond them matches nothing. */
class Shape {
  readonly #code: readonly Instruction[];

  constructor(code: readonly Instruction[]) {
    this.#code = code;
  }

  is(index: number, op: number, value?: number): boolean {
    const instruction = this.#code[index];
    return instruction?.op === op && (value === undefined || instruction.value === value);
  }

  /** Where `code[index]` sets `local`, by local.set or local.tee, the local it sets. */
  setLocal(index: number): number | undefined {
    return this.is(index, OP.localSet) || this.is(index, OP.localTee) ? this.#code[index]?.value : undefined;
  }

  value(index: number): number {
    return this.#code[index]?.value ?? 0;
  }

  depth(index: number): number {
    return this.#code[index]?.depth ?? -1;
  }

  indexOf(at: number): number {
    return this.#code.findIndex((instruction) => instruction.at === at);
  }

  get length(): number {
    return this.#code.length;
  }

  op(index: number): number {
    return this.#code[index]?.op ?? OP.unreachable;
  }

  countSets(local: number): number {
    return this.#code.filter(({ op, value }) => (op === OP.localSet || op === OP.localTee) && value === local).length;
  }
}

/** `local += step` whose last instruction is at `set`. */
interface Increment {
  readonly local: number;
  readonly step: number;
  readonly set: number;
}

function increments(shape: Shape, backEdge: number): Increment[] {
  const found: Increment[] = [];
  for (let set = 3; set < backEdge; set++) {
    const local = shape.setLocal(set);
    if (local === undefined || shape.depth(set) !== 0) continue;
    if (!shape.is(set - 1, OP.i32Add) || !shape.is(set - 2, OP.i32Const) || !shape.is(set - 3, OP.localGet, local))
      continue;
    const step = shape.value(set - 2);
    if (step !== 0 && shape.countSets(local) === 1) found.push({ local, step, set });
  }
  return found;
}

/** N of `i += step ... i != N, br_if loop`, or undefined. */
function limitAtEnd(shape: Shape, { local, set }: Increment, backEdge: number): number | undefined {
  if (shape.depth(backEdge) !== 0 || !shape.is(backEdge, OP.brIf)) return undefined;
  const tees = shape.is(set, OP.localTee);
  if (tees && backEdge === set + 1) return 0;
  if (!shape.is(backEdge - 1, OP.i32Ne) || !shape.is(backEdge - 2, OP.i32Const)) return undefined;
  const isCounter = tees ? backEdge === set + 3 : backEdge - 3 > set && shape.is(backEdge - 3, OP.localGet, local);
  return isCounter ? shape.value(backEdge - 2) : undefined;
}

/** How far behind the header a test at the top may be. */
const TOP_INSTRUCTIONS = 12;

/** N of a test before the increment that leaves the loop when i is N, or undefined. */
function limitAtTop(shape: Shape, { local, set }: Increment): number | undefined {
  for (let get = 0; get < Math.min(set - 3, TOP_INSTRUCTIONS); get++) {
    // What may be passed over in some round is no limit.
    if (get > 0 && leavesStraightLine(shape.op(get - 1)) && !shape.is(get - 1, OP.block)) return undefined;
    if (!shape.is(get, OP.localGet, local)) continue;
    let next = get + 1;
    let limit = 0;
    let leavesWhenEqual = false;
    if (shape.is(next, OP.i32Const)) {
      limit = shape.value(next++);
      if (shape.is(next, OP.i32Eq)) leavesWhenEqual = true;
      else if (!shape.is(next, OP.i32Ne)) continue;
      next++;
    } else if (shape.is(next, OP.i32Eqz)) {
      leavesWhenEqual = true;
      next++;
    }
    if (!shape.is(next, OP.brIf)) continue;
    const depth = shape.depth(get);
    if (leavesWhenEqual ? shape.value(next) > depth : skipsTheWayOut(shape, get, next)) return limit;
  }
  return undefined;
}

/** `block  i != N  br_if 0  (straight code)  br out  end`, whose comparison begins at `get` and ends at `branch`. */
function skipsTheWayOut(shape: Shape, get: number, branch: number): boolean {
  if (shape.depth(get) !== 1 || shape.value(branch) !== 0 || !shape.is(get - 1, OP.block)) return false;
  let last = branch + 1;
  while (last < shape.length && !leavesStraightLine(shape.op(last))) last++;
  const leaves =
    (shape.is(last, OP.br) && shape.value(last) >= 2) || shape.is(last, OP.return) || shape.is(last, OP.unreachable);
  return leaves && shape.is(last + 1, OP.end);
}

/** How often the loop's body runs at most, when that is provable; else Infinity. bytes: what the loop's positions count in. */
export function mostRounds(bytes: Uint8Array, loop: Loop): number {
  if (!loop.isInnermost || loop.calls.length > 0 || loop.indirectCalls.length > 0 || loop.backEdges !== 1)
    return Infinity;
  const shape = new Shape(decode(bytes, loop));
  const backEdge = shape.indexOf(loop.backEdge);
  for (const increment of increments(shape, backEdge)) {
    const from = loop.constants.get(increment.local);
    if (from === undefined) continue;
    const rounds = (limit: number | undefined, more: number): number => {
      if (limit === undefined) return Infinity;
      const distance = (limit - from) / increment.step;
      // Tested at the end, a counter that begins at its limit goes all the way round.
      return Number.isInteger(distance) && distance + more >= 1 ? distance + more : Infinity;
    };
    const most = Math.min(rounds(limitAtEnd(shape, increment, backEdge), 0), rounds(limitAtTop(shape, increment), 1));
    if (most !== Infinity) return most;
  }
  return Infinity;
}
