// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { assemble, assertText } from '../../tests/harness/wat.ts';
import { readModule, writeModule } from './module.ts';
import { withPolls } from './polls.ts';

interface Run {
  /** How often the kernel was asked. */
  readonly asked: number;
  readonly exports: WebAssembly.Exports;
}

/** Runs the export `run`, to which the kernel gives these budgets in turn; the last one for ever, up to a hundred times. */
function run(text: string, budgets: readonly number[], isTrusted = false): Run {
  const enough = new Error('enough');
  let asked = 0;
  const wasmlinux_preempt = (): number => {
    if (++asked > 100) throw enough;
    return budgets[Math.min(asked, budgets.length) - 1] ?? 0;
  };
  const bytes = writeModule(withPolls(readModule(assemble(text)), { isTrusted }).sections);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { wasmlinux_preempt } });
  try {
    (exports.run as () => void)();
  } catch (error) {
    if (error !== enough) throw error;
  }
  return { asked, exports };
}

const COMPILED = `(module (func $__sanitizer_cov_trace_pc) (func $__wasm_setjmp)
  (func (export "run") (local $i i32) call $__wasm_setjmp call $__sanitizer_cov_trace_pc
    loop (br_if 0 (i32.ne (i32.const 100000000) (local.tee $i (i32.add (local.get $i) (i32.const 1))))) end))`;

describe('withPolls', () => {
  const loops = `(global $word (export "word") (mut i32) (i32.const 0))
    (func (export "run") loop br 0 end)`;

  it("hands a word of the kernel's to libc", () => {
    const text = `(module ${loops} (func (export "__wasm_preempt") (param i32) (global.set $word (local.get 0))))`;
    const { exports } = run(text, [1000, -4096, 1000]);
    assert.equal((exports.word as WebAssembly.Global).value, -4096);
  });

  it('asks the kernel again soon, whatever libc has done', () => {
    const calls = '(func (export "__wasm_preempt") (param i32) (global.set $word (i32.const 7)))';
    assert.equal(run(`(module ${loops} ${calls})`, [-4096]).asked, 101);
    assert.equal(run(`(module ${loops})`, [-4096]).asked, 101);
  });

  it("does not take a function of another type for libc's", () => {
    const text = `(module ${loops} (func (export "__wasm_preempt") (result i32) i32.const 2000000000))`;
    assert.equal(run(text, [1000]).asked, 101);
  });

  it("believes the names of the compiler's polls in a module that is trusted only", () => {
    assert.equal(run(COMPILED, [1000], true).asked, 1);
    assert.equal(run(COMPILED, [1000], false).asked, 101);
  });

  it('polls in functions with the names of its own', () => {
    assert.equal(run('(module (func $__wasm_poll (export "run") loop br 0 end))', [1000]).asked, 101);
  });
});

test('a loop polls behind itself when it calls nothing, else in it; recursion before the call; and what they call is added', () => {
  assertText(
    (sections) => withPolls(sections, { isTrusted: true }).sections,
    `(module
      (func $computes (param $n i32)
        loop local.get $n i32.const 1 i32.sub local.tee $n br_if 0 end)
      (func $calls (param $n i32)
        loop call $leaf local.get $n br_if 0 end)
      (func $recurs (param $n i32)
        local.get $n call $recurs)
      (func $leaf))`,
    `(module
      (type (;0;) (func (param i32)))
      (type (;1;) (func))
      (type (;2;) (func (result i32)))
      (type (;3;) (func (param i32)))
      (type (;4;) (func))
      (import "env" "wasmlinux_preempt" (func $wasmlinux_preempt (type 2)))
      (func $computes (type 0) (param $n i32)
      (local i32)
      global.get $__wasm_poll_budget
      i32.const -1639972864
      i32.mul
      local.set 1
      block  ;; label = @1
      loop  ;; label = @2
      block  ;; label = @3
      loop  ;; label = @4
      local.get 1
      i32.const 4194304
      i32.add
      local.tee 1
      i32.eqz
      br_if 1 (;@3;)
      local.get $n
      i32.const 1
      i32.sub
      local.tee $n
      br_if 0 (;@4;)
      end
      br 2 (;@1;)
      end
      i32.const 1537
      call $__wasm_poll_loop
      br 0 (;@2;)
      end
      end)
      (func $calls (type 0) (param $n i32)
      (local i32)
      global.get $__wasm_poll_budget
      i32.const -1639972864
      i32.mul
      local.set 1
      loop  ;; label = @1
      local.get 1
      i32.const 4194304
      i32.add
      local.tee 1
      i32.eqz
      if  ;; label = @2
      i32.const 2305
      call $__wasm_poll_loop
      end
      call $leaf
      local.get $n
      br_if 0 (;@1;)
      end)
      (func $recurs (type 0) (param $n i32)
      (local i32)
      local.get $n
      global.get $__wasm_poll_budget
      i32.const 3
      i32.sub
      local.tee 1
      global.set $__wasm_poll_budget
      local.get 1
      i32.const 0
      i32.lt_s
      if  ;; label = @1
      call $__wasm_poll
      end
      call $recurs)
      (func $leaf (type 1))
      (func $__wasm_poll_loop (type 3) (param i32)
      global.get $__wasm_poll_budget
      local.get 0
      i32.sub
      local.tee 0
      global.set $__wasm_poll_budget
      local.get 0
      i32.const 0
      i32.lt_s
      if  ;; label = @1
      call $__wasm_poll
      end)
      (func $__wasm_poll (type 4)
      call $wasmlinux_preempt
      global.set $__wasm_poll_budget)
      (global $__wasm_poll_budget (mut i32) (i32.const 0))
      (export "__wasm_poll_budget" (global $__wasm_poll_budget)))`,
  );
});
