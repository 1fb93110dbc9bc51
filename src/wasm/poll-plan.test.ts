// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { readLocals } from './locals.ts';
import { readFunctionCode } from './loops.ts';
import { readModule, SECTION, sectionReader } from './module.ts';
import { type LoopPoll, planPolls } from './poll-plan.ts';

/** The poll of the first loop of a module's only function. */
function pollOf(code: string): LoopPoll | undefined {
  const sections = readModule(assemble(`(module (func (param $i i32) ${code}))`));
  const reader = sectionReader(sections, SECTION.code);
  const codes = reader.vector(() => {
    const size = reader.u32();
    const end = reader.position + size;
    readLocals(reader);
    return readFunctionCode(reader, end);
  });
  const [plan] = planPolls(sections, reader.bytes, codes, { exempt: new Set() });
  return plan?.loops[0];
}

test('a loop that dispatches is charged for one of its ways, not for all of them', () => {
  const WAYS = 64;
  const way = '(drop (i32.const 1)) '.repeat(20);
  const labels = Array.from({ length: WAYS }, (_, index) => index).join(' ');
  const ways = Array.from({ length: WAYS }, (_, index) => `end ${way} br ${WAYS - 1 - index}`).join(' ');
  const dispatch = pollOf(`loop ${'block '.repeat(WAYS)} local.get $i br_table ${labels} ${ways} end`);
  const one = pollOf(`loop local.get $i br_if 0 ${way} br 0 end`);
  const all = pollOf(`loop ${way.repeat(WAYS)} br 0 end`);
  const perRound = (poll: LoopPoll | undefined): number => (poll ? poll.units / poll.rounds : NaN);
  assert.ok(perRound(dispatch) < 2 * perRound(one), `${perRound(dispatch)} units for ${perRound(one)}`);
  assert.ok(perRound(all) > 32 * perRound(one));
});
