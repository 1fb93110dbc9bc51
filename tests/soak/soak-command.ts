// SPDX-License-Identifier: MIT
/** `npm run soak -- [--count N]`: many processes, threads and pipelines, and what they leave behind. Status 1: something. */
import { parseArgs } from 'node:util';
import { STATUS_USAGE } from '../../src/cli/usage-error.ts';
import { type SoakResult, soak } from './soak.ts';

const COUNT = 10_000;
const USAGE = `usage: npm run soak -- [--count N] (of each kind; ${COUNT} unless told, pipelines a tenth)`;

export async function soakCommand(args: readonly string[]): Promise<number> {
  const count = readCount(args);
  if (typeof count === 'string') {
    console.error(`${count}\n${USAGE}`);
    return STATUS_USAGE;
  }
  let leaks = 0;
  const status = await soak(count, (result) => {
    leaks += result.leaks.length;
    console.log(describe(result));
  });
  if (status !== 0) console.error(`the guest program failed with status ${status}`);
  return status === 0 && leaks === 0 ? 0 : 1;
}

function describe({ name, before, after, leaks }: SoakResult): string {
  const what = (Object.keys(before) as (keyof typeof before)[]).map((key) => `${key} ${before[key]} -> ${after[key]}`);
  return [`${name}: ${leaks.length === 0 ? 'nothing left behind' : 'LEAKS'}`, ...what].join('\n  ');
}

function readCount(args: readonly string[]): number | string {
  try {
    const { count = String(COUNT) } = parseArgs({ args: [...args], options: { count: { type: 'string' } } }).values;
    return /^[1-9]\d{0,6}$/.test(count) && Number(count) >= 100
      ? Number(count)
      : `--count wants a number from 100 on, not "${count}"`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
