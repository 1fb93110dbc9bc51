// SPDX-License-Identifier: MIT
/** Random programs (random-program.ts) that fork, made forkable: they must do what they do natively (forking.ts). */

import assert from 'node:assert/strict';
import { readBranchHints } from '../../src/wasm/branch-hints.ts';
import { withForkCapture } from '../../src/wasm/fork-capture.ts';
import { OP } from '../../src/wasm/instructions.ts';
import { readModule, SECTION, type Section, sectionReader, writeModule } from '../../src/wasm/module.ts';
import { type Outcome, runForkable, runNatively } from './forking.ts';
import { randomProgram } from './random-program.ts';

const NONE: ReadonlySet<string> = new Set();
/** Functions that random programs import. */
const IMPORTED_FUNCTIONS = 2;

function checkHints(sections: readonly Section[]): void {
  const hints = readBranchHints(sections);
  sectionReader(sections, SECTION.code).vector((reader, index) => {
    const body = reader.take(reader.u32());
    for (const { offset } of hints.get(IMPORTED_FUNCTIONS + index) ?? []) {
      assert.ok(body[offset] === OP.if || body[offset] === OP.brIf, `a hint of function ${index} is at no branch`);
    }
  });
}

/** Tries the program with this seed; throws an AssertionError when it does something else. Returns what it did. */
export function tryForks(seed: number): Outcome {
  const program = randomProgram(seed);
  const natively = runNatively(program);
  const { sections } = withForkCapture(readModule(program), {
    module: 'env',
    name: 'fork',
    sealed: NONE,
    checked: NONE,
  });
  checkHints(sections);
  const forkable = runForkable(writeModule(sections));
  assert.deepEqual(forkable, natively, `random program ${seed} goes another way when it is made forkable`);
  return natively;
}
