// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { Reader } from './binary.ts';
import { OP } from './instructions.ts';
import { readLocals } from './locals.ts';
import { readFunctionCode } from './loops.ts';
import { readModule, SECTION, sectionReader } from './module.ts';

/** What is at the place: an opcode, and how many `nop` come before it. */
function place(code: string): { op: number | undefined; nops: number } | undefined {
  const { bytes, position } = sectionReader(
    readModule(assemble(`(module (func (param $c i32) ${code}) (func $f))`)),
    SECTION.code,
  );
  const reader = new Reader(bytes, position);
  reader.u32();
  const size = reader.u32();
  const end = reader.position + size;
  readLocals(reader);
  const start = reader.position;
  const { beforeCalls } = readFunctionCode(reader, end);
  if (beforeCalls === undefined) return undefined;
  const before = bytes.subarray(start, beforeCalls);
  return { op: bytes[beforeCalls], nops: before.filter((byte) => byte === OP.nop).length };
}

describe('the place before all calls', () => {
  for (const [what, code, op, nops] of [
    ['the call itself, when there is one', 'nop call $f nop', OP.call, 1],
    ['in a block, behind the ways out of it', 'nop block local.get $c br_if 0 nop call $f call $f end', OP.call, 2],
    ['before a block when there is a call behind it', 'nop block nop call $f end call $f', OP.block, 1],
    ['before a loop', 'nop block nop loop nop call $f end end', OP.loop, 2],
    ['in one arm, if only that one calls', 'nop local.get $c if nop call $f else nop end', OP.call, 2],
    ['before both arms, if both call', 'nop local.get $c if nop call $f else nop call $f end', OP.if, 1],
    ['in the other arm', 'nop local.get $c if nop else nop call $f end', OP.call, 3],
    ['before the block of the first, if another block calls', 'block nop call $f end block call $f end', OP.block, 0],
  ] as const) {
    it(`is ${what}`, () => assert.deepEqual(place(code), { op, nops }));
  }

  it('is nowhere in a function that calls nothing', () => assert.equal(place('nop loop nop end'), undefined));
});
