// SPDX-License-Identifier: MIT
/**
 * Nothing leaks: runs the guest program soak (tests/guest/soak.c) in a machine of this process and compares what host and kernel
 * hold before and after each kind of work. Used by `npm run soak` (soak-command.ts) and, with less work, by tests/soak.test.ts.
 */
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { loadKernel } from '../../src/host/node/kernel-module.ts';
import { runRequestArchive } from '../../src/image/run-request.ts';
import { Errno, Poll } from '../../src/machine/devices.ts';
import { Irq } from '../../src/machine/kernel-interface.ts';
import { type MachineCensus, startMachine } from '../../src/machine/machine.ts';
import { builtFile } from '../harness/guest.ts';

/** What is held at one moment. */
interface Holdings extends MachineCensus {
  /** Kilobytes that the kernel has free, and has in slabs. */
  readonly kernelFree: number;
  readonly kernelSlab: number;
  /** Bytes of this process. */
  readonly resident: number;
}

export interface SoakResult {
  readonly name: string;
  readonly before: Holdings;
  readonly after: Holdings;
  /** What has grown by more than it may, one line each. */
  readonly leaks: readonly string[];
}

/** How much more there may be afterwards: a twentieth, or for small numbers this. */
const PART = 1 / 20;
const SLACK: Readonly<Record<keyof Holdings, number>> = {
  // Who has ended is forgotten a moment later (RCU), stack and all.
  stacks: 8,
  spaces: 0,
  // A process that has just ended leaves its instance here.
  idleInstances: 2,
  idleBytes: 4 << 20,
  tableSlots: 64,
  kernelFree: 2048,
  kernelSlab: 256,
  // The engine's own heap breathes.
  resident: 8 << 20,
};

/** With `node --expose-gc`. What a collection frees is given back to the system in the turns behind it. */
async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    await globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' });
    await setImmediate();
  }
}

function leaksOf(before: Holdings, after: Holdings): string[] {
  return (Object.keys(SLACK) as (keyof Holdings)[]).flatMap((what) => {
    const growth = what === 'kernelFree' ? before[what] - after[what] : after[what] - before[what];
    const most = Math.max(SLACK[what], before[what] * PART);
    return growth > most ? [`${what}: ${before[what]} before, ${after[what]} after`] : [];
  });
}

/**
 * Makes `count` processes of each kind and threads, and a tenth of it of pipelines; `onResult` is told of each kind. The status of
 * the guest program: not 0 when something has failed in the guest.
 */
export async function soak(count: number, onResult: (result: SoakResult) => void): Promise<number> {
  const begun = new Map<string, Holdings>();
  let answers = 0;
  let text = '';
  const machine = startMachine({
    kernel: loadKernel(builtFile('kernel', 'vmlinux.wasm')),
    initramfs: [
      readFileSync(builtFile('image', 'initramfs.cpio')),
      runRequestArchive({ argv: ['soak', String(count)], program: readFileSync(builtFile('guestTests', 'soak.wasm')) }),
    ],
    commandLine: 'console=hvc0 loglevel=0',
    memory: 128 * 1024 * 1024,
    turn: globalThis.setImmediate,
    console: { write: ({ length }) => length, read: () => 0, size: () => undefined },
    streams: [
      {
        read(target) {
          if (answers === 0) return -Errno.EAGAIN;
          answers--;
          target[0] = 10;
          return 1;
        },
        poll: () => (answers > 0 ? Poll.In : 0),
      },
      { write: told, poll: () => Poll.Out },
      { write: ({ length }) => length, poll: () => Poll.Out },
    ],
  });

  function told(bytes: Uint8Array): number {
    text += Buffer.from(bytes).toString();
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      // Not beneath the kernel.
      globalThis.setImmediate(at, line);
    }
    return bytes.length;
  }

  async function at(line: string): Promise<void> {
    const [, what, name = '', free, slab] = /^(begin|end) (\S+) (\d+) (\d+)$/.exec(line) ?? [];
    await collectGarbage();
    const now: Holdings = {
      ...machine.census,
      kernelFree: Number(free),
      kernelSlab: Number(slab),
      resident: process.memoryUsage.rss(),
    };
    const before = begun.get(name);
    if (what === 'begin') begun.set(name, now);
    else if (before) onResult({ name, before, after: now, leaks: leaksOf(before, now) });
    answers++;
    machine.interrupt(Irq.Stream);
  }

  return (await machine.ended).status;
}
