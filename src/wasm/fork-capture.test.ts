// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runForkable, runNatively } from '../../tests/harness/forking.ts';
import { assemble, disassemble } from '../../tests/harness/wat.ts';
import { readBranchHints, withBranchHints } from './branch-hints.ts';
import { withForkCapture } from './fork-capture.ts';
import { Unforkable } from './fork-plan.ts';
import { readModule, SECTION, type Section, sectionReader, writeModule } from './module.ts';

const HEAD = `
  (import "env" "memory" (memory 1))
  (import "env" "fork" (func $fork (result i32)))
  (import "env" "log" (func $log (param i32)))`;

const capture = (sections: readonly Section[], sealed: readonly string[] = [], checked: readonly string[] = []) =>
  withForkCapture(sections, { module: 'env', name: 'fork', sealed: new Set(sealed), checked: new Set(checked) });

/** What becomes of the functions of a module, as text without the indentation. */
function rewritten(text: string): string {
  const bytes = writeModule(capture(readModule(assemble(`(module ${HEAD} ${text})`))).sections);
  const [, functions = ''] =
    /( {2}\(func \$(?!fork\b|log\b)[\s\S]*?)\n {2}\(func \$(?:fork_|asyncify_)/.exec(disassemble(bytes)) ?? [];
  return functions.replaceAll(/^ +/gm, '');
}

const lines = (text: string) => text.trim().replaceAll(/^ +/gm, '');

test('a function is left behind a call, and comes back before it with what is live', () => {
  assert.equal(
    rewritten(`
      (func $f (param $a i32) (param $b i32) (result i32) (local $c i32)
        local.get $b  local.set $c
        local.get $a  local.get $c  call $g  i32.add)
      (func $g (param $n i32) (result i32)  call $fork)
      (func $other (param $n i32) (result i32)  local.get $n)`),
    lines(`
      (func $f (type 2) (param $a i32) (param $b i32) (result i32)
      (local $c i32) (local i32)
      block  ;; label = @1
      block (result i32 i32)  ;; label = @2
      global.get $__wasm_fork_state
      if  ;; label = @3
      call $fork_load_i32
      local.set 3
      call $fork_load_i32
      local.set $a
      local.get $a
      i32.const 0
      br 1 (;@2;)
      end
      local.get $b
      local.set $c
      local.get $a
      local.get $c
      end
      i32.const 1
      local.set 3
      call $g
      global.get $__wasm_fork_state
      br_if 0 (;@1;)
      i32.add
      return
      end
      local.get $a
      local.get 3
      call $fork_save_i32_i32
      i32.const 0)
      (func $g (type 3) (param $n i32) (result i32)
      (local i32)
      block  ;; label = @1
      block  ;; label = @2
      global.get $__wasm_fork_state
      if  ;; label = @3
      call $fork_load_i32
      local.set 1
      br 1 (;@2;)
      end
      end
      i32.const 1
      local.set 1
      call $fork
      global.get $__wasm_fork_state
      br_if 0 (;@1;)
      return
      end
      local.get 1
      call $fork_save_i32
      i32.const 0)
      (func $other (type 3) (param $n i32) (result i32)
      local.get $n)`),
  );
});

test('a loop is entered through its beginning, which looks whether to come back', () => {
  assert.equal(
    rewritten('(func $f (param $n i32) loop local.get $n call $log call $fork local.tee $n br_if 0 end)'),
    lines(`
      (func $f (type 1) (param $n i32)
      (local i32 i32)
      block  ;; label = @1
      block  ;; label = @2
      global.get $__wasm_fork_state
      if  ;; label = @3
      call $fork_load_i32
      local.set 2
      i32.const 1
      local.set 1
      br 1 (;@2;)
      end
      end
      loop  ;; label = @2
      block  ;; label = @3
      local.get 1
      if  ;; label = @4
      i32.const 0
      local.set 1
      br 1 (;@3;)
      end
      local.get $n
      call $log
      end
      i32.const 1
      local.set 2
      call $fork
      global.get $__wasm_fork_state
      br_if 1 (;@1;)
      local.tee $n
      br_if 0 (;@2;)
      end
      return
      end
      local.get 2
      call $fork_save_i32)`),
  );
});

/** Sums up to $n, forks at each step, and calls what adds through a pointer, with a value under the call. */
const SUM = `
  (type $add (func (param i32 i32) (result i32)))
  (global (export "number") (mut i32) (i32.const 0))
  (table 1 funcref)
  (elem (i32.const 0) $add)
  (func $add (type $add) (i32.add (local.get 0) (i32.add (local.get 1) (i32.and (call $fork) (i32.const 1)))))
  (func $sum (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (call_indirect (type $add) (local.get $n) (call $sum (i32.sub (local.get $n) (i32.const 1))) (i32.const 0)))
      (else (i32.const 0))))
  (func (export "run") (param i32 i64) (result i32) (i32.mul (local.get 0) (call $sum (local.get 0))))`;

test('recursion and indirect calls come back', () => {
  const program = assemble(`(module ${HEAD} ${SUM})`).slice();
  const natively = runNatively(program);
  assert.equal(natively.forks, 7);
  assert.deepEqual(runForkable(writeModule(capture(readModule(program)).sections)), natively);
});

test('below a sealed function that is checked a fork traps', () => {
  const program = readModule(
    assemble(`(module ${HEAD}
      (type $v (func))
      (global (export "number") (mut i32) (i32.const 0))
      (table 1 funcref)
      (elem (i32.const 0) $forks)
      (func $forks (type $v) call $fork call $log)
      (func $sort i32.const 0 call_indirect (type $v))
      (func (export "run") (param i32 i64) (result i32) call $sort i32.const 3))`),
  );
  const { end } = runForkable(writeModule(capture(program, ['sort'], ['sort']).sections));
  assert.equal(end, 'unreachable');
});

test('hints stay at their branches, where an if becomes a branch past it they are turned round', () => {
  const sections = readModule(
    assemble(`(module ${HEAD} (func $f (param i32)
      block local.get 0 br_if 0 local.get 0 (if (then call $fork drop)) end))`),
  );
  const code = sectionReader(sections, SECTION.code);
  code.u32();
  const body = code.take(code.u32());
  // the br_if is certain, the `if` is not
  const hints = [
    { offset: body.indexOf(0x0d), likely: 1 },
    { offset: body.indexOf(0x04), likely: 0 },
  ];
  const made = capture(withBranchHints(sections, new Map([[2, hints]]))).sections;
  const reader = sectionReader(made, SECTION.code);
  reader.u32();
  const newBody = reader.take(reader.u32());
  const found = (readBranchHints(made).get(2) ?? []).map(({ offset, likely }) => [newBody[offset], likely]);
  assert.deepEqual(found, [
    [0x04, 0],
    [0x0d, 1],
    [0x0d, 1],
    [0x0d, 0],
  ]);
});

test('what no memory can keep is refused', () => {
  const refused = (text: string) => {
    const sections = readModule(assemble(`(module ${HEAD} ${text})`));
    assert.throws(() => capture(sections), Unforkable);
  };
  refused('(func $f (param funcref) (result funcref) call $fork drop local.get 0)');
  refused('(tag (param i64)) (func call $fork drop)');
  refused('(func (param i32) local.get 0 (block (param i32) call $log call $fork drop))');
});

test('it tells where each instruction has gone', () => {
  const sections = readModule(
    assemble(`(module ${HEAD} (func $f i32.const 70 call $log call $fork drop) (func $g nop))`),
  );
  const made = capture(sections);
  const before = sectionReader(sections, SECTION.code).bytes;
  const after = sectionReader(made.sections, SECTION.code).bytes;
  for (const op of [0x41, 0x1a, 0x01]) assert.equal(after[made.moved(before.lastIndexOf(op))], op);
});
