// SPDX-License-Identifier: MIT
/**
 * Measures the library once, in a process of its own that `library-rows.ts` starts: prints one line of JSON, a figure for each row. The
 * process is warm: the library, the package's, is loaded, nothing has been booted.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Linux as Machine } from '../src/index.ts';
import { LIBRARY_ROWS } from './rows.ts';

const [folder = '.', library = ''] = process.argv.slice(2);
const { Linux } = (await import(pathToFileURL(library).href)) as { Linux: typeof Machine };
const LARGE = 100_000_000;
const MEMORY = 512 << 20;
/** A machine that is ready at once is not settled: its threads free what the boot needed. */
const SETTLED_RUNS = 50;

/** Nanoseconds, the best of so many. */
async function best(times: number, work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let time = 0; time < times; time++) {
    const began = performance.now();
    await work();
    least = Math.min(least, performance.now() - began);
  }
  return least * 1e6;
}

async function bootAndRun(memory?: number): Promise<Machine> {
  const linux = await Linux.boot(memory === undefined ? {} : { memory });
  await linux.run('true');
  return linux;
}

async function settle(linux: Machine): Promise<number> {
  for (let run = 0; run < SETTLED_RUNS; run++) await linux.run(['true']);
  return process.memoryUsage.rss();
}

const figures: Record<string, { guest: number; native?: number }> = {};
let first: Machine | undefined;
figures[LIBRARY_ROWS.boot.name] = {
  guest: await best(1, async () => {
    first = await bootAndRun(MEMORY);
  }),
};
if (!first) throw new Error('there is no machine');
const linux = first;
const alone = await settle(linux);
let second: Machine | undefined;
figures[LIBRARY_ROWS.second.name] = {
  guest: await best(1, async () => {
    second = await bootAndRun();
  }),
};
if (!second) throw new Error('there is no second machine');
figures[LIBRARY_ROWS.memory.name] = { guest: (await settle(second)) - alone };
await second.terminate();

figures[LIBRARY_ROWS.run.name] = { guest: await best(300, () => linux.run('true')) };
await linux.fs.writeFile('/tmp/small', 'x'.repeat(1024));
const native = join(folder, 'large');
await writeFile(join(folder, 'small'), 'x'.repeat(1024));
figures[LIBRARY_ROWS.small.name] = { guest: await best(2000, () => linux.fs.readFile('/tmp/small')) };
const large = new Uint8Array(LARGE).fill(1);
await writeFile(native, large);
await linux.fs.writeFile('/tmp/large', large);
const guest = await best(5, () => linux.fs.readFile('/tmp/large'));
figures[LIBRARY_ROWS.large.name] = { guest, native: await best(5, () => readFile(native)) };
await rm(native);
await linux.terminate();
console.log(JSON.stringify(figures));
