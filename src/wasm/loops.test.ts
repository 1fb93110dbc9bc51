// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assemble } from '../../tests/harness/wat.ts';
import { Reader } from './binary.ts';
import { readLocals } from './locals.ts';
import { type FunctionCode, readFunctionCode } from './loops.ts';
import { readModule, SECTION, sectionReader } from './module.ts';
import { mostRounds } from './short-loops.ts';

/** The first function of a module whose other function, $f, may be called; and what its positions count in. */
function read(code: string): { code: FunctionCode; bytes: Uint8Array } {
  const sections = readModule(
    assemble(`(module (memory 1) (func $test (local $i i32) (local $j i32) ${code}) (func $f))`),
  );
  const { bytes, position } = sectionReader(sections, SECTION.code);
  const reader = new Reader(bytes, position);
  reader.u32();
  const size = reader.u32();
  const end = reader.position + size;
  readLocals(reader);
  return { code: readFunctionCode(reader, end), bytes };
}

function roundsOf(text: string): number | undefined {
  const { code, bytes } = read(text);
  return code.loops[0] && mostRounds(bytes, code.loops[0]);
}

const count = (from: number, step: number, rest: string): string =>
  `i32.const ${from} local.set $i loop local.get $i i32.const ${step} i32.add local.tee $i ${rest} end`;

describe('readFunctionCode', () => {
  it('gives each loop with what is in it', () => {
    const { loops, outside } = read('nop nop loop br 0 loop call $f br_if 1 (i32.const 1) end end loop end').code;
    assert.deepEqual(
      loops.map(({ calls, isInnermost, backEdges, instructions }) => ({ calls, isInnermost, backEdges, instructions })),
      [
        { calls: [], isInnermost: false, backEdges: 2, instructions: 3 },
        { calls: [1], isInnermost: true, backEdges: 0, instructions: 4 },
        { calls: [], isInnermost: true, backEdges: 0, instructions: 1 },
      ],
    );
    assert.equal(loops[1]?.outer, loops[0]);
    // Two nop, two loop, end.
    assert.equal(outside.instructions, 5);
  });

  it('counts branches through a table twice, so that none of them looks like the only one', () => {
    assert.equal(read('loop block i32.const 0 br_table 0 1 end end').code.loops[0]?.backEdges, 2);
  });

  it('tells of the different ways that a table of branches leads', () => {
    const { loops, outside } = read('loop block block block i32.const 0 br_table 0 1 1 2 0 end end end end').code;
    assert.deepEqual([outside.ways, loops[0]?.ways], [1, 3]);
  });

  it('finds bulk operations with their constant lengths', () => {
    const { bulk } = read(
      '(memory.fill (i32.const 0) (i32.const 1) (i32.const 77)) (memory.copy (i32.const 0) (i32.const 1) (local.get $i))',
    ).code;
    assert.deepEqual(
      bulk.map(({ length }) => length),
      [77, undefined],
    );
  });
});

describe('mostRounds', () => {
  it('knows loops that are tested at the end', () => {
    assert.equal(roundsOf(count(0, 1, 'i32.const 10 i32.ne br_if 0')), 10);
    assert.equal(roundsOf(count(40, -4, 'br_if 0')), 10);
    assert.equal(
      roundsOf(
        'i32.const 0 local.set $i loop local.get $i i32.const 2 i32.add local.set $i nop local.get $i i32.const 8 i32.ne br_if 0 end',
      ),
      4,
    );
  });

  it('knows loops that are tested at the top', () => {
    const step = 'local.get $i i32.const 1 i32.add local.set $i br';
    assert.equal(
      roundsOf(`i32.const 0 local.set $i block loop local.get $i i32.const 9 i32.eq br_if 1 ${step} 0 end end`),
      10,
    );
    assert.equal(
      roundsOf(
        `i32.const 0 local.set $i block loop block local.get $i i32.const 9 i32.ne br_if 0 br 2 end ${step} 0 end end`,
      ),
      10,
    );
  });

  for (const [why, code] of [
    ['the limit is stepped over', count(0, 3, 'i32.const 10 i32.ne br_if 0')],
    ['the limit lies the other way', count(0, -1, 'i32.const 10 i32.ne br_if 0')],
    ['a counter that begins at its limit goes all the way round', count(10, 1, 'i32.const 10 i32.ne br_if 0')],
    ['it begins somewhere', 'loop local.get $i i32.const 1 i32.add local.tee $i i32.const 10 i32.ne br_if 0 end'],
    ['it calls', `i32.const 0 local.set $i loop call $f ${count(0, 1, 'i32.const 10 i32.ne br_if 0').slice(30)}`],
    ['the counter is set twice', count(0, 1, 'i32.const 10 i32.ne local.get $j local.set $i br_if 0')],
    ['there are two back edges', count(0, 1, 'br_if 0 local.get $j br_if 0')],
    [
      'the beginning was set before a label',
      `i32.const 0 local.set $i block end loop local.get $i i32.const 1 i32.add local.tee $i i32.const 9 i32.ne br_if 0 end`,
    ],
    [
      'the test may be passed over',
      `i32.const 0 local.set $i block loop block local.get $j br_if 0 local.get $i i32.const 9 i32.eq br_if 2 end
       local.get $i i32.const 1 i32.add local.set $i br 0 end end`,
    ],
    [
      'the test leaves an inner block only',
      `i32.const 0 local.set $i loop block local.get $i i32.const 9 i32.eq br_if 0 end
       local.get $i i32.const 1 i32.add local.set $i br 0 end`,
    ],
  ] as const) {
    it(`does not know a loop where ${why}`, () => assert.equal(roundsOf(code), Infinity));
  }
});
