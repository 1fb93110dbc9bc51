// SPDX-License-Identifier: MIT
/**
 * A machine on which nothing happens sleeps. Its clock is this test's: instead of sleeping it jumps to the deadline, so that a
 * day passes in no time, and the guest itself counts the timers that have fired.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Linux } from '../src/index.ts';
import { loadKernel } from '../src/host/node/kernel-module.ts';
import { runRequestArchive } from '../src/image/run-request.ts';
import { Clock, Sleep } from '../src/machine/clock.ts';
import { Poll } from '../src/machine/devices.ts';
import { startMachine } from '../src/machine/machine.ts';
import { builtFile } from './harness/guest.ts';

const SCRIPT = `
timers() { sed -n 's/ *TIM: *\\([0-9]*\\) .*/\\1/p' /proc/interrupts; }
before=$(timers)
sleep 86400
echo $(($(timers) - before)) timers, up $(cut -d. -f1 /proc/uptime)`;

/** Has clocks of machines on this thread jump instead of waiting, as long as the test runs. */
function skipWaits({ mock }: TestContext): void {
  let skipped = 0;
  const { monotonic } = Clock.prototype;
  const { until } = Sleep.prototype;
  mock.method(Clock.prototype, 'monotonic', function (this: Clock) {
    return monotonic.call(this) + skipped;
  });
  const clock = new Clock();
  mock.method(Sleep.prototype, 'until', function (this: Sleep, deadline: number, wake: () => void) {
    if (Number.isFinite(deadline)) skipped += Math.max(0, deadline - clock.monotonic());
    until.call(this, deadline, wake);
  });
}

/** shown: what SCRIPT has printed. */
function assertIdle(shown: string): void {
  const [, timers, uptime] = /^(\d+) timers, up (\d+)$/m.exec(shown) ?? [];
  assert.ok(Number(uptime) >= 86400, shown);
  // What must be done each ten minutes, the sleep itself, what its beginning and end leave to do; and 250 ticks for each second that
  // the guest computes, which is long on a busy host: so it is a day.
  assert.ok(Number(timers) < 60 * 24, shown);
}

test('in a day of sleep fewer than one timer a minute fires', async (t) => {
  skipWaits(t);
  let shown = '';
  const end = { read: () => 0, poll: () => Poll.In | Poll.Hup };
  const output = {
    write(bytes: Uint8Array) {
      shown += Buffer.from(bytes).toString();
      return bytes.length;
    },
    poll: () => Poll.Out,
  };
  const machine = startMachine({
    kernel: loadKernel(builtFile('kernel', 'vmlinux.wasm')),
    initramfs: [readFileSync(builtFile('image', 'initramfs.cpio')), runRequestArchive({ argv: ['sh', '-c', SCRIPT] })],
    commandLine: 'console=hvc0 loglevel=0',
    memory: 128 * 1024 * 1024,
    turn: setImmediate,
    console: { write: ({ length }) => length, read: () => 0, size: () => undefined },
    streams: [end, output, output],
  });
  const { status } = await machine.ended;
  assert.equal(status, 0, shown);
  assertIdle(shown);
});

test('a machine of the library that waits for a program, a stream and a change of a file is as idle', async (t) => {
  skipWaits(t);
  await using linux = await Linux.boot({ thread: 'same' });
  const cat = await linux.spawn(['cat']);
  const reading = cat.stdout?.getReader().read();
  const change = linux.fs.watch('/tmp').next();
  assertIdle((await linux.run(SCRIPT)).stdout);
  await linux.terminate();
  await assert.rejects(Promise.all([reading, change]), { name: 'MachineEnded' });
});
