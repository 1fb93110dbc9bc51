// SPDX-License-Identifier: MIT
/**
 * Random programs (random-program.ts) as if from wasm-ld, through all passes of the link: they must do what they did, and tell of their
 * polls and stores.
 */

import assert from 'node:assert/strict';
import { finishProgram } from '../../src/toolchain/link.ts';
import { readAbiNote } from '../../src/wasm/abi-note.ts';
import { gotEntries } from '../../src/wasm/fold-got.ts';
import { readModule, writeModule } from '../../src/wasm/module.ts';
import { withPolls } from '../../src/wasm/polls.ts';
import { CARD_SHIFT } from '../../src/wasm/store-marks.ts';
import { type Outcome, runForkable, runNatively, type Trace } from './forking.ts';
import { randomProgram } from './random-program.ts';

const PAGE = 65536;
const OPTIONS = { stackSize: PAGE, strip: 'nothing', forkInHandlers: false, checkFork: false } as const;

/** Each part of the first page in which a byte has changed must be marked, or the one before it, but for the first: constants lie there. */
function checkMarks(seed: number, { memory }: Outcome, { secondPage }: Trace): void {
  const card = 1 << CARD_SHIFT;
  for (let index = 1; index < PAGE / card; index++) {
    const isChanged = memory.subarray(index * card, (index + 1) * card).some((byte) => byte !== 0);
    const isMarked = secondPage[index] === 1 || secondPage[index - 1] === 1;
    assert.ok(!isChanged || isMarked, `random program ${seed} has changed card ${index} and not marked it`);
  }
}

/** Tries the program with this seed; throws an AssertionError when it does something else. How often it has polled. */
export function tryLink(seed: number): number {
  const program = randomProgram(seed, 'linked');
  const natively = runNatively(program, { shared: true });
  const trace: Trace = { polls: 0, secondPage: new Uint8Array() };

  const linked = finishProgram(program, { ...OPTIONS, polls: true, marks: true });
  const sections = readModule(linked);
  assert.deepEqual(gotEntries(sections), []);
  assert.equal(readAbiNote(sections)?.cards, PAGE);
  assert.deepEqual(runForkable(linked, trace), natively, `random program ${seed} goes another way when it is linked`);
  checkMarks(seed, natively, trace);
  let { polls } = trace;

  const unpolled = readModule(finishProgram(program, { ...OPTIONS, polls: false }));
  const loaded = writeModule(withPolls(unpolled, { isTrusted: false }).sections);
  assert.deepEqual(runForkable(loaded, trace), natively, `random program ${seed} goes another way when it is loaded`);
  polls += trace.polls;
  return polls;
}
