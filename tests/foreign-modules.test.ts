// SPDX-License-Identifier: MIT
/**
 * Modules that another toolchain made, without polls and without our libc: whoever may run them can't hold the machine with them, be it
 * by running them or by having them loaded.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { file } from '../src/image/cpio.ts';
import { BLOCK_VOID, ModuleBuilder, OP } from '../src/wasm/builder.ts';
import { ENDLESS, withoutWork } from './harness/endless.ts';
import { describeResult, runGuest } from './harness/guest.ts';
import { assemble } from './harness/wat.ts';

const MEMORY = '(memory (export "memory") 64)';
const copies = '(func (export "run") loop i32.const 0 i32.const 1 i32.const 4000000 memory.copy br 0 end)';
const shapes = Object.entries({ ...ENDLESS, 'copies of memory': copies });

/** As a user with nothing but `kill`: each computes while the shell sleeps and answers, and then is ended in one of three ways. */
const script = `
  for program in /usr/bin/endless-*; do
    for signal in KILL TERM ALRM; do
      $program & pid=$!
      before=0
      until test $before -gt 2; do sleep 0.001; read -r _ _ _ _ _ _ _ _ _ _ _ _ _ before _ </proc/$pid/stat || break; done
      kill -$signal $pid; wait $pid; echo $?
    done
  done`;

test('modules that compute without end are scheduled and killed like any program', async () => {
  const files = shapes.map(([, functions], i) => {
    const module = assemble(`(module ${MEMORY} ${withoutWork(functions).replace('"run"', '"_start"')})`);
    return file(`usr/bin/endless-${String(i).padStart(2, '0')}`, module, 0o755);
  });
  const result = await runGuest(['setuidgid', 'user', 'sh', '-c', script], { files });
  const ends = result.stdout.trim().split('\n');
  const found = shapes.map(([name], i) => `${name}: ${ends.slice(3 * i, 3 * i + 3).join(' ')}`);
  assert.deepEqual(
    found,
    shapes.map(([name]) => `${name}: 137 143 142`),
    describeResult(result),
  );
});

/** Some megabytes that need polls all over, and end at once. */
function largeModule(): Uint8Array {
  const builder = new ModuleBuilder();
  builder.memory(1, 'memory');
  const type = builder.type([], []);
  builder.function(type, [], { exportName: '_start' });
  const loops = new Array(10).fill([OP.loop, BLOCK_VOID, OP.br, 0, OP.end]).flat();
  for (let i = 0; i < 100_000; i++) builder.function(type, loops, {});
  return builder.finish();
}

test('others run while a large module is loaded', async () => {
  const count = 'n=0; /large & until ! kill -0 $! 2>/dev/null; do sleep 0.001; n=$((n + 1)); done; wait; echo $n';
  const result = await runGuest(['sh', '-c', `${count}; cp /large /copy; /copy; echo $?`], {
    files: [file('large', largeModule(), 0o755)],
  });
  const [turns, status] = result.stdout.split('\n');
  // Three or so if it was loaded at one go.
  assert.ok(Number(turns) > 20, describeResult(result));
  assert.equal(status, '0', describeResult(result));
});

test('who executes a large module while it is loaded waits for that, and all have it', async () => {
  const COUNT = 60;
  const script = `
    for i in $(seq ${COUNT}); do /large & pids="$pids $!"; done
    kill -9 $!
    for pid in $pids; do wait $pid; [ $? = 0 ] && done=$((done + 1)); done; echo $done`;
  const result = await runGuest(['sh', '-c', script], { files: [file('large', largeModule(), 0o755)] });
  // Sixty loads at once would be more than are read at a time.
  assert.ok(largeModule().length * COUNT > 256 << 20);
  assert.equal(result.stdout, `${COUNT - 1}\n`, describeResult(result));
});
