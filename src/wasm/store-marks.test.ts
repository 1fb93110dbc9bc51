// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { assemble, assertText } from '../../tests/harness/wat.ts';
import { readModule, writeModule } from './module.ts';
import { CARD_SHIFT, CARD_TABLE_BYTES, withStoreMarks } from './store-marks.ts';

const CARD = 2 ** CARD_SHIFT;
/** Of the modules below: three pages. */
const TABLE = 3 * 65536;

interface Run {
  readonly result: unknown;
  /** Numbers of the cards that are marked. */
  readonly marked: readonly number[];
  readonly memory: DataView;
}

/** Runs the export `run` of a module with these functions. */
function run(functions: string): Run {
  const text = `(module (import "env" "memory" (memory 3 16)) ${functions})`;
  const marked = withStoreMarks(readModule(assemble(text)));
  assert.equal(marked?.cards, TABLE);
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 16 });
  const module = new WebAssembly.Module(writeModule(marked.sections));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const result = (exports.run as () => unknown)();
  const table = new Uint8Array(memory.buffer, TABLE, CARD_TABLE_BYTES);
  return { result, marked: [...table.keys()].filter((card) => table[card]), memory: new DataView(memory.buffer) };
}

/** A function with an address in a parameter's place, so that it is no constant. */
const at = (address: number, code: string, result = '') =>
  run(`(func $f (param $p i32) ${result} ${code})
    (func (export "run") ${result} (call $f (i32.const ${address})))`);

describe('withStoreMarks', () => {
  it('marks the card of each kind of store, which stores what it did', () => {
    const stores = [
      '(i32.store (local.get $p) (i32.const 258))',
      '(i64.store (local.get $p) (i64.const 258))',
      '(i32.store16 (local.get $p) (i32.const 258))',
      '(i64.store32 (local.get $p) (i64.const 258))',
      '(f32.store (local.get $p) (f32.reinterpret_i32 (i32.const 258)))',
      '(f64.store (local.get $p) (f64.reinterpret_i64 (i64.const 258)))',
      '(v128.store (local.get $p) (v128.const i32x4 258 0 0 0))',
      '(v128.store32_lane 1 (local.get $p) (v128.const i32x4 0 258 0 0))',
      '(i32.atomic.store (local.get $p) (i32.const 258))',
      '(drop (i32.atomic.rmw.add (local.get $p) (i32.const 258)))',
      '(drop (i64.atomic.rmw.xchg (local.get $p) (i64.const 258)))',
      '(drop (i32.atomic.rmw16.cmpxchg_u (local.get $p) (i32.const 0) (i32.const 258)))',
      '(drop (i64.atomic.rmw.cmpxchg (local.get $p) (i64.const 0) (i64.const 258)))',
    ];
    for (const store of stores) {
      const { marked, memory } = at(5 * CARD + 8, store);
      assert.deepEqual(marked, [5], store);
      assert.equal(memory.getInt32(5 * CARD + 8, true), 258, store);
    }
  });

  it('leaves the results of atomic operations', () => {
    const { result, marked } = at(
      3 * CARD,
      `(i32.store (local.get $p) (i32.const 7))
       (i32.add (i32.atomic.rmw.sub (local.get $p) (i32.const 3))
         (i32.atomic.rmw.cmpxchg (local.get $p) (i32.const 4) (i32.const 100)))`,
      '(result i32)',
    );
    assert.equal(result, 11);
    assert.deepEqual(marked, [3]);
  });

  it('counts large offsets, and leaves small ones to the page behind the card', () => {
    assert.deepEqual(at(2 * CARD - 4, '(i32.store offset=4080 (local.get $p) (i32.const 1))').marked, [1]);
    assert.deepEqual(at(2 * CARD - 4, '(i32.store offset=4084 (local.get $p) (i32.const 1))').marked, [2]);
    assert.deepEqual(at(2 * CARD - 4, `(i32.store offset=${CARD} (local.get $p) (i32.const 1))`).marked, [2]);
  });

  it('marks all that is copied to or filled, and nothing when that is nothing', () => {
    const fill = (length: number) => `(memory.fill (local.get $p) (i32.const 9) (i32.const ${length}))`;
    assert.deepEqual(at(2 * CARD - 1, fill(CARD + 2)).marked, [1, 2, 3]);
    assert.deepEqual(at(2 * CARD - 1, fill(1)).marked, [1]);
    assert.deepEqual(at(2 * CARD - 1, fill(0)).marked, []);
    const copied = at(2 * CARD, '(memory.copy (local.get $p) (i32.const 0) (i32.const 20000))');
    assert.deepEqual(copied.marked, [2, 3]);
  });

  it('leaves out frames and constants, but no frame that is something else, too', () => {
    const pointer = '(global $sp (export "__stack_pointer") (mut i32) (i32.const 100000))';
    const frame = '(local.set $f (i32.sub (global.get $sp) (i32.const 16)))';
    const store = '(i32.store offset=4 (local.get $f) (i32.const 1))';
    const inFrame = (code: string) => run(`${pointer} (func (export "run") (local $f i32) ${code})`).marked;
    assert.deepEqual(inFrame(`${frame} ${store} (i32.store (i32.const 40000) (i32.const 1))`), []);
    const both = inFrame(`${frame} ${store} (local.set $f (i32.const 70000)) ${store}`);
    assert.deepEqual(both, markedOf(99988, 70004));
    assert.deepEqual(
      inFrame(`${frame} (i32.store (i32.add (local.get $f) (i32.const 4)) (i32.const 1))`),
      markedOf(99988),
    );
  });

  it('takes no parameter for a frame, whatever it becomes', () => {
    const code = '(i32.store (local.get $p) (i32.const 1)) (local.set $p (i32.sub (global.get $sp) (i32.const 16)))';
    const { marked } = run(`(global $sp (export "__stack_pointer") (mut i32) (i32.const 100000))
      (func $f (param $p i32) ${code}) (func (export "run") (call $f (i32.const 70000)))`);
    assert.deepEqual(marked, markedOf(70000));
  });

  it('leaves the order in which operands are made', () => {
    const { memory } = run(`(global $n (mut i32) (i32.const 0))
      (func $next (result i32) (global.set $n (i32.add (global.get $n) (i32.const 4))) (global.get $n))
      (func (export "run") (i32.store (call $next) (call $next)))`);
    assert.equal(memory.getInt32(4, true), 8);
  });

  it('has no room in a memory that may not be larger', () => {
    const text = '(module (import "env" "memory" (memory 3 3)))';
    assert.equal(withStoreMarks(readModule(assemble(text))), undefined);
  });
});

function markedOf(...addresses: number[]): number[] {
  return [...new Set(addresses.map((address) => address >> CARD_SHIFT))].sort((a, b) => a - b);
}

test('a store is followed by its mark, and copies and fills become functions', () => {
  assertText(
    (sections) => withStoreMarks(sections)?.sections ?? [],
    `(module
      (import "env" "memory" (memory 3 16))
      (func $store (param $p i32) (param $value i64)
        local.get $p  local.get $value  i64.store offset=8
        i32.const 1024  i32.const 7  i32.store)
      (func $fill (param $p i32) (param $length i32)
        local.get $p  i32.const 0  local.get $length  memory.fill))`,
    `(module
      (type (;0;) (func (param i32 i64)))
      (type (;1;) (func (param i32 i32)))
      (type (;2;) (func (param i32 i32 i32)))
      (import "env" "memory" (memory (;0;) 4 16))
      (func $store (type 0) (param $p i32) (param $value i64)
      (local i32 i64)
      local.get $p
      local.get $value
      local.set 3
      local.tee 2
      local.get 3
      i64.store offset=8
      local.get 2
      i32.const 14
      i32.shr_u
      i32.const 1
      i32.store8 offset=196608
      i32.const 1024
      i32.const 7
      i32.store)
      (func $fill (type 1) (param $p i32) (param $length i32)
      local.get $p
      i32.const 0
      local.get $length
      call $__wasm_marked_fill)
      (func $__wasm_marked_copy (type 2) (param i32 i32 i32)
      local.get 0
      local.get 1
      local.get 2
      memory.copy
      local.get 2
      if  ;; label = @1
      local.get 0
      i32.const 14
      i32.shr_u
      i32.const 196608
      i32.add
      i32.const 1
      local.get 0
      local.get 2
      i32.add
      i32.const 1
      i32.sub
      i32.const 14
      i32.shr_u
      local.get 0
      i32.const 14
      i32.shr_u
      i32.sub
      i32.const 1
      i32.add
      memory.fill
      end)
      (func $__wasm_marked_fill (type 2) (param i32 i32 i32)
      local.get 0
      local.get 1
      local.get 2
      memory.fill
      local.get 2
      if  ;; label = @1
      local.get 0
      i32.const 14
      i32.shr_u
      i32.const 196608
      i32.add
      i32.const 1
      local.get 0
      local.get 2
      i32.add
      i32.const 1
      i32.sub
      i32.const 14
      i32.shr_u
      local.get 0
      i32.const 14
      i32.shr_u
      i32.sub
      i32.const 1
      i32.add
      memory.fill
      end))`,
  );
});
