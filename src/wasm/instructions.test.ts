// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { MalformedModule, Reader } from './binary.ts';
import { OP, skipImmediates } from './instructions.ts';
import { readModule, SECTION, sectionReader } from './module.ts';

/** The opcodes of a module's only function. */
function opcodes(body: string): number[] {
  const bytes = assemble(`(module (memory 1) (table 1 funcref) (tag $t (param i32)) (type $v (func))
    (data $d "x") (elem $e func $f) (global $g (mut i32) (i32.const 0)) (func $f (local i32 i64 f32 f64 v128) ${body}))`);
  const reader = sectionReader(readModule(bytes), SECTION.code);
  assert.equal(reader.u32(), 1);
  const end = reader.u32() + reader.position;
  reader.vector(() => {
    reader.skipNumber();
    reader.byte();
  });
  const found: number[] = [];
  while (reader.position < end) {
    const op = reader.byte();
    found.push(op);
    skipImmediates(reader, op);
  }
  assert.equal(reader.position, end);
  return found;
}

/** The call after each of them is only seen by one who did not lose the way. */
const LINES = [
  'i32.const -2147483648 i64.const 0x1011101110111011 i32.const 0x10 drop drop drop',
  'f32.const 1.5 f64.const 1.5 drop drop',
  'block loop i32.const 0 br_if 1 i32.const 0 br_table 0 1 0 end end',
  'i32.const 0 if nop else nop end',
  'i32.const 16 i64.load offset=16 align=1 drop i32.const 0 i64.const 0 i64.store32',
  'i32.const 0 i32.const 0 i32.const 0 memory.copy i32.const 0 i32.const 0 i32.const 0 memory.fill',
  'i32.const 0 i32.const 0 i32.const 0 memory.init $d data.drop $d elem.drop $e memory.size memory.grow drop',
  'i32.const 0 i32.const 0 i32.const 0 table.init $e i32.const 0 i32.const 0 i32.const 0 table.copy',
  'i32.const 0 ref.null func table.set 0 ref.func $f drop ref.null func ref.is_null drop',
  'f64.const 1 i32.trunc_sat_f64_s i32.extend8_s drop',
  'i32.const 0 i32.const 0 i32.const 0 i32.atomic.rmw.cmpxchg drop atomic.fence i32.const 0 i64.atomic.load drop',
  'v128.const i32x4 16 16 16 16 i32.const 1 i32x4.replace_lane 3 local.set 4',
  'i32.const 0 v128.load offset=16 drop i32.const 0 v128.const i64x2 0 0 v128.store8_lane 1',
  'v128.const i64x2 0 0 v128.const i64x2 0 0 i8x16.shuffle 0 1 2 3 4 5 6 7 16 16 16 16 16 16 16 16 drop',
  'try i32.const 0 throw $t catch $t drop catch_all rethrow 0 end',
  'try nop delegate 0',
  'i32.const 0 i32.const 1 i32.const 0 select drop',
  'i32.const 0 call_indirect (type $v)',
  'global.get $g local.tee 0 global.set $g',
];

for (const line of LINES) {
  test(`the code after "${line}" is found`, () => {
    assert.deepEqual(opcodes(`${line} call $f`).slice(-2), [OP.call, OP.end]);
  });
}

test('an instruction that is not known is refused, not guessed', () => {
  assert.throws(() => skipImmediates(new Reader(new Uint8Array(8)), 0xf7), MalformedModule);
});
