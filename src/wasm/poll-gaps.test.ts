// SPDX-License-Identifier: MIT
/**
 * How long a program computes between two polls, by a clock that only the program's work advances: its functions say what each
 * round takes, and budgets are granted as the kernel grants them (kernel/arch/wasm/kernel/preempt.c, poll-plan.ts's charges).
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ENDLESS, withWork } from '../../tests/harness/endless.ts';
import { assemble } from '../../tests/harness/wat.ts';
import { withFunctionImport } from './import-function.ts';
import { readModule, writeModule } from './module.ts';
import { withSafepoints } from './safepoints.ts';

const PREEMPT = { module: 'env', name: 'preempt', params: [], results: [0x7f] };
const MOST_NS = 10_000_000;

const kernel = readFileSync(new URL('../../kernel/arch/wasm/kernel/preempt.c', import.meta.url), 'utf8');

/** A constant of the kernel's: a number, or a power of two. */
function kernelConstant(name: string): number {
  const [, base, shift = '0'] = new RegExp(`#define ${name}\\s+\\(?(\\d+)(?: << (\\d+))?`).exec(kernel) ?? [];
  assert.ok(base, `preempt.c defines no ${name}`);
  return Number(base) << Number(shift);
}

const BUDGET_MIN = kernelConstant('BUDGET_MIN');
const BUDGET_FIRST = kernelConstant('BUDGET_FIRST');
const BUDGET_MAX = kernelConstant('BUDGET_MAX');
const GAP_NS = kernelConstant('GAP_NS');
const GAP_MAX_NS = kernelConstant('GAP_MAX_NS');

/** adapt_budget() */
function adapted(budget: number, elapsed: number): number {
  if (elapsed > GAP_MAX_NS) return Math.max(Math.floor(budget / Math.floor(elapsed / GAP_NS)), BUDGET_MIN);
  return elapsed < GAP_NS / 2 ? Math.min(budget * 2, BUDGET_MAX) : budget;
}

/** ns that pass from poll to poll while the functions run, of which a `WORK n` takes n units of so many picoseconds. */
function gapsOf(functions: string, picoseconds: number): number[] {
  const advance = (n: number) => `(global.set $clock (i64.add (global.get $clock) (i64.const ${n * picoseconds})))`;
  const text = `(module (global $clock (export "clock") (mut i64) (i64.const 0)) (memory 1) ${withWork(functions, advance)})`;
  const { sections, index } = withFunctionImport(readModule(assemble(text)), PREEMPT);
  const polled = withSafepoints(sections, { preempt: index, exempt: new Set() });
  assert.ok(polled);
  const enough = new Error('enough');
  const gaps: number[] = [];
  let budget = BUDGET_FIRST;
  let before = 0n;
  const preempt = (): number => {
    const now = BigInt((exports.clock as WebAssembly.Global).value);
    gaps.push(Number(now - before) / 1000);
    before = now;
    if (gaps.length > 5000) throw enough;
    budget = adapted(budget, gaps.at(-1) ?? 0);
    return budget;
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(writeModule(polled.sections)), {
    env: { preempt },
  });
  assert.throws(exports.run as () => void, enough);
  return gaps;
}

function check(functions: string, picoseconds: number): void {
  const longest = Math.max(...gapsOf(functions, picoseconds));
  assert.ok(longest < MOST_NS, `${longest / 1e6} ms`);
}

/** A quick program, and a slow one: in which each instruction waits for memory. */
for (const [what, picoseconds] of [
  ['0.25', 250],
  ['15', 15_000],
] as const) {
  for (const [name, functions] of Object.entries(ENDLESS)) {
    test(`${name}, at ${what} ns an instruction`, () => check(functions, picoseconds));
  }
}

/**
 * 40 ms of quick short loops, so that the budget becomes as large as it may, then as long a walk through linked memory, from `length`
 * steps of 80 ns to the next call: no loop is long enough to come to its poll.
 */
const phases = (length: number) => `
  (func $quick (param $n i32) loop WORK 1 (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))) end)
  (func $walk (param $n i32) (result i32) (local $at i32)
    loop WORK 160
      (local.set $at (i32.load (local.get $at)))
      (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
    end
    (local.get $at))
  (func (export "run") (local $i i32) loop
    (local.set $i (i32.const 40000))
    loop (call $quick (i32.const 1000)) (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1)))) end
    (local.set $i (i32.const ${Math.ceil(1_000_000 / length)}))
    loop
      (drop (call $walk (i32.const ${length})))
      (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1))))
    end
    br 0 end)`;

for (const length of [3, 10, 30, 100, 300, 1000, 3000]) {
  test(`quick loops, then walks of ${length} steps`, () => check(phases(length), 500));
}
