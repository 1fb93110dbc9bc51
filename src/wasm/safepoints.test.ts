// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDLESS, withoutWork, withWork } from '../../tests/harness/endless.ts';
import { assemble, disassemble } from '../../tests/harness/wat.ts';
import { readBranchHints } from './branch-hints.ts';
import { withFunctionImport } from './import-function.ts';
import { readModule, writeModule } from './module.ts';
import { type SafepointOptions, withSafepoints } from './safepoints.ts';

const PREEMPT = { module: 'env', name: 'preempt', params: [], results: [0x7f] };
const NO_RULES = { exempt: new Set<number>() };

function instrument(text: string, options: Partial<SafepointOptions> = {}): Uint8Array<ArrayBuffer> {
  const { sections, index } = withFunctionImport(readModule(assemble(text)), PREEMPT);
  const polled = withSafepoints(sections, { preempt: index, ...NO_RULES, ...options });
  return writeModule(polled?.sections ?? sections);
}

interface Run {
  /** How often it has asked for a budget. */
  readonly asked: number;
  readonly result: unknown;
}

/** Runs the export `run` until it returns, or until it has asked `most` times for a budget. */
function run(text: string, { args = [] as number[], budget = 0, most = 1000 } = {}): Run {
  const interruption = new Error('interrupted');
  let asked = 0;
  const preempt = (): number => {
    if (++asked > most) throw interruption;
    return budget;
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(instrument(text)), { env: { preempt } });
  try {
    const result: unknown = (exports.run as (...args: number[]) => unknown)(...args);
    return { asked, result };
  } catch (error) {
    if (error !== interruption) throw error;
    return { asked, result: undefined };
  }
}

/** As the kernel grants at first; what that is in instructions, by poll-plan.ts; and instructions that count them. */
const BUDGET = 65536;
const INSTRUCTIONS_A_UNIT = 4;
const COUNTING = 4;

/** How many instructions are done for each budget, by the module's own count in its global `work`. */
function gapsOf(text: string): number[] {
  const enough = new Error('enough');
  const gaps: number[] = [];
  let before = 0n;
  const preempt = (): number => {
    const work = BigInt((exports.work as WebAssembly.Global).value);
    gaps.push(Number(work - before));
    before = work;
    if (gaps.length > 200) throw enough;
    return BUDGET;
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(instrument(text)), { env: { preempt } });
  assert.throws(exports.run as () => void, enough);
  // The first one is asked for before anything is done.
  return gaps.slice(1);
}

describe('withSafepoints', () => {
  for (const [what, functions] of Object.entries(ENDLESS)) {
    it(`interrupts ${what}`, () => assert.equal(run(`(module ${withoutWork(functions)})`).asked, 1001));
  }

  for (const [what, functions] of Object.entries(ENDLESS)) {
    it(`charges ${what} for about what is done`, () => {
      const counted = withWork(
        functions,
        (n) => `(global.set $work (i64.add (global.get $work) (i64.const ${n + COUNTING})))`,
      );
      const gaps = gapsOf(`(module (global $work (export "work") (mut i64) (i64.const 0)) ${counted})`);
      const granted = BUDGET * INSTRUCTIONS_A_UNIT;
      // Too much is a gap between polls, too little is time for polls.
      assert(Math.max(...gaps) < 3 * granted, `${Math.max(...gaps)} instructions in one of ${granted}`);
      assert(Math.min(...gaps) > granted / 9, `${Math.min(...gaps)} instructions in one of ${granted}`);
    });
  }

  const sum = `(module (func (export "run") (param $n i32) (result i32) (local $sum i32)
    loop
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
    end
    local.get $sum))`;

  it('asks once in 1024 rounds when there is no budget, and computes the same', () => {
    const { asked, result } = run(sum, { args: [10_000] });
    assert.equal(result, 50_005_000);
    assert.equal(asked, Math.floor(10_000 / 1024));
  });

  // Each sums up to 5000 and leaves its loop in another way, past values that lie below.
  const next = '(local.set $i (i32.add (local.get $i) (i32.const 1)))';
  const add = '(local.set $sum (i32.add (local.get $sum) (local.get $i)))';
  const isOver = '(i32.eq (local.get $i) (i32.const 5000))';
  const LEAVING = {
    'by a branch': `block loop (br_if 1 ${isOver}) ${next} ${add} br 0 end end local.get $sum`,
    'by its end, with a value': `i32.const 0 loop (result i32)
        ${next} ${add} (if (i32.eqz ${isOver}) (then br 1)) local.get $sum end i32.add`,
    'by a table': `block block loop ${next} ${add} (br_table 0 2 1 ${isOver}) end end end local.get $sum`,
    'by a return': `loop ${next} ${add} (if ${isOver} (then (return (local.get $sum)))) br 0 end unreachable`,
    'by a branch out of the function': `loop ${next} ${add} (if ${isOver} (then (br 2 (local.get $sum)))) br 0 end unreachable`,
    'from within a loop around it': `block loop loop (br_if 2 ${isOver}) ${next} ${add}
        (br_if 1 (i32.and (local.get $i) (i32.const 1))) br 0 end end end local.get $sum`,
    'by an exception': `block block (try_table (catch_all 0)
        loop (if ${isOver} (then (throw $e))) ${next} ${add} br 0 end) end end local.get $sum`,
    'by an exception that it handles': `block loop (try_table (catch_all 1) (if ${isOver} (then (throw $e))) ${next} ${add}) br 0 end end local.get $sum`,
    'with a parameter': `i32.const 0 loop (param i32) drop ${next} ${add} i32.const 0 ${isOver} i32.eqz br_if 0 drop end local.get $sum`,
  };

  for (const [how, code] of Object.entries(LEAVING)) {
    it(`asks in a loop that is left ${how}, and computes the same`, () => {
      const text = `(module (tag $e)
        (func (export "run") (result i32) (local $i i32) (local $sum i32) ${code}))`;
      const { asked, result } = run(text);
      assert.equal(result, 12_502_500);
      assert(asked >= 4, `${asked} times`);
    });
  }

  it('polls outside of a loop that calls nothing, and within others', () => {
    const quiet = disassemble(instrument('(module (func $f loop br 0 end))'));
    assert.match(
      quiet,
      /i32.eqz\s+br_if 1[\s\S]*end\s+br 2[\s\S]*end\s+i32.const 513\s+call \$__wasm_poll_loop\s+br 0/,
    );
    assert.match(disassemble(instrument('(module (func $f) (func loop call $f br 0 end))')), /i32.eqz\s+if/);
  });

  it('charges a budget for rounds', () => {
    // 1024 rounds of ten instructions, with the loop's end, are 2560 units.
    assert.equal(run(sum, { args: [1024 * 100], budget: 2560 * 100 }).asked, 1);
    assert.equal(run(sum, { args: [1024 * 110], budget: 2560 * 100 }).asked, 2);
  });

  it('charges loops that are left early to who calls them', () => {
    // 1000 times ten rounds, of which none alone would come to a look at the budget.
    const text = sum.replace('(export "run")', '$sum').replace(
      /\)$/,
      `(func (export "run") (local $i i32)
        (local.set $i (i32.const 1000))
        loop (drop (call $sum (i32.const 10))) (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1)))) end))`,
    );
    const { asked } = run(text, { budget: 1000 });
    assert(asked > (1000 * 10 * 9) / 4 / 1000, `${asked} times`);
  });

  it('charges recursion where it commits itself to call, and loops of calls that call nothing', () => {
    const text = `(module (func $f (export "run") (param i32)
      block (br_if 0 (i32.eqz (local.get 0))) (call $f (i32.sub (local.get 0) (i32.const 1))) end)
      (func $g loop (call $f (i32.const 0)) br 0 end))`;
    assert.match(disassemble(instrument(text)), /br_if 0[\s\S]*call \$__wasm_poll\s[\s\S]*call \$f/);
    assert.equal(run(text, { args: [0] }).asked, 0);
    assert.equal(run(text, { args: [100] }).asked, 100);
    const endless = text.replace(' (export "run")', '').replace('$g', '$g (export "run")');
    assert.equal(run(endless).asked, 1001);
  });

  it('charges functions without loops that call each other often', () => {
    const depth = 30;
    const functions = Array.from(
      { length: depth },
      (_, i) =>
        `(func $f${i} ${i === 0 ? '(export "run")' : ''} ${i < depth - 1 ? `call $f${i + 1} call $f${i + 1}` : ''})`,
    );
    assert.equal(run(`(module ${functions.join('\n')})`, { budget: 1000 }).asked, 1001);
  });

  const copied = 5 << 20;
  const bulk = (code: string) => `(module (memory (export "memory") 256)
    (func (export "run") (param i32 i32 i32) ${code}))`;
  const copy = bulk('local.get 0 local.get 1 local.get 2 memory.copy');

  for (const [what, to, from] of [
    ['forward', 0, 9 << 20],
    ['backward, within itself', 3 << 20, 1 << 20],
    ['forward, within itself', 1 << 20, (3 << 20) + 77],
  ] as const) {
    it(`copies a megabyte at a time, ${what}`, () => {
      let asked = 0;
      const preempt = (): number => {
        asked++;
        return 0;
      };
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(instrument(copy)), { env: { preempt } });
      const bytes = new Uint8Array((exports.memory as WebAssembly.Memory).buffer);
      for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 2654435761) >>> 24;
      const expected = bytes.slice();
      expected.copyWithin(to, from, from + copied + 3);
      (exports.run as (...args: number[]) => void)(to, from, copied + 3);
      assert(Buffer.from(bytes).equals(expected));
      assert.equal(asked, 5);
    });
  }

  it('fills a megabyte at a time', () => {
    let asked = 0;
    const preempt = (): number => {
      asked++;
      return 0;
    };
    const text = bulk('local.get 0 local.get 1 local.get 2 memory.fill');
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(instrument(text)), { env: { preempt } });
    (exports.run as (...args: number[]) => void)(3, 7, copied);
    const bytes = new Uint8Array((exports.memory as WebAssembly.Memory).buffer);
    assert.deepEqual([bytes.indexOf(7), bytes.lastIndexOf(7)], [3, 2 + copied]);
    assert.equal(asked, 5);
  });

  it('leaves short copies as they are', () => {
    const text = bulk('local.get 0 local.get 1 i32.const 64 memory.copy');
    assert.match(disassemble(instrument(text)), /i32.const 64\s+memory.copy/);
  });

  it('leaves code alone that can neither loop nor recur, and short loops', () => {
    const short = `(module (func $f (export "run") (result i32) (local $i i32)
      i32.const 0 local.set $i
      loop local.get $i i32.const 1 i32.add local.tee $i i32.const 100 i32.ne br_if 0 end
      local.get $i) (func call $f drop))`;
    assert.deepEqual(run(short), { asked: 0, result: 100 });
  });

  it('exempts functions', () => {
    // Behind the import, $f is 1.
    const text =
      '(module (func $f (export "run") (param i32) loop local.get 0 br_if 0 end) (func $g i32.const 0 call $f))';
    const calls = (options: Partial<SafepointOptions>) =>
      disassemble(instrument(text, options)).match(/call /g)?.length ?? 0;
    // The loop's, what that calls, and what that calls.
    assert.deepEqual([calls({ exempt: new Set([1]) }), calls({})], [1, 4]);
  });

  it("leaves the compiler's polls in functions that call setjmp, and takes them out of others", () => {
    const text = `(module (func $trace) (func $setjmp)
      (func $jumps (export "run") call $setjmp loop call $trace br 0 end)
      (func $other call $trace loop call $trace br 0 end))`;
    const output = disassemble(instrument(text, { compiled: { poll: 1, setjmp: 2 } }));
    const bodies = new Map(
      output.split('\n  (func $').map((body) => [/^\w+/.exec(body)?.[0], body.match(/call [$\w]+/g)] as const),
    );
    assert.deepEqual(bodies.get('jumps'), ['call $setjmp', 'call $trace']);
    assert.deepEqual(bodies.get('other'), ['call $__wasm_poll_loop']);
    assert.deepEqual(bodies.get('trace'), ['call $__wasm_poll']);
  });

  it('leaves the start function alone, which must only fill memory', () => {
    const text = '(module (memory 1) (start $f) (func $f i32.const 0 i32.const 0 i32.const 5000 memory.fill))';
    assert.match(disassemble(instrument(text)), /i32.const 5000\s+memory.fill/);
  });

  it('hints that polls are unlikely, at the branches', () => {
    const bytes = instrument('(module (func (export "run") loop br 0 end))');
    const sections = readModule(bytes);
    const hints = [...readBranchHints(sections)];
    // The function with the loop, and the one that all loops call.
    assert.deepEqual(
      hints.map(([index, list]) => [index, list.map(({ likely }) => likely)]),
      [
        [1, [0]],
        [2, [0]],
      ],
    );
    assert(WebAssembly.validate(bytes));
  });
});

describe('withFunctionImport', () => {
  it('moves every mention of a function', () => {
    const text = `(module
      (type $v (func (result i32)))
      (import "env" "old" (func $old (result i32)))
      (table 4 funcref)
      (global $reference funcref (ref.func $two))
      (elem (i32.const 1) $one $two)
      (elem declare func $one)
      (start $start)
      (global $started (mut i32) (i32.const 0))
      (func $start (global.set $started (i32.const 40)))
      (func $one (result i32) i32.const 1)
      (func $two (result i32) i32.const 2)
      (func (export "run") (result i32)
        (i32.add (i32.add (call $one) (call_indirect (type $v) (i32.const 2)))
          (i32.add (global.get $started)
            (block (result i32) (table.set 0 (i32.const 3) (ref.func $one)) (call_indirect (type $v) (i32.const 3)))))))`;
    const { sections, index } = withFunctionImport(readModule(assemble(text)), PREEMPT);
    assert.equal(index, 1);
    const imports = { env: { old: () => 0, preempt: () => 0 } };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(writeModule(sections)), imports);
    assert.equal((exports.run as () => number)(), 1 + 2 + 40 + 1);
    assert.match(disassemble(writeModule(sections)), /func \$two/);
  });

  it('finds the import when the module has it', () => {
    const sections = readModule(assemble('(module (import "env" "preempt" (func (result i32))))'));
    assert.deepEqual(withFunctionImport(sections, PREEMPT), { sections, index: 0 });
  });
});
