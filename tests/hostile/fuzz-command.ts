// SPDX-License-Identifier: MIT
/**
 * `npm run fuzz -- [--seconds N] [--count N] [--seed N] [--first N]`: the fuzzer as a command. Status 1: it has found something.
 */
import { parseArgs } from 'node:util';
import { STATUS_USAGE } from '../../src/cli/usage-error.ts';
import { fuzz } from './fuzz.ts';

const USAGE = 'usage: npm run fuzz -- [--seconds N | --count N] [--seed N] [--first N]';

/** Runs until the time is over or the count reached; without either for a minute. */
export async function fuzzCommand(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') {
    console.error(`${options}\n${USAGE}`);
    return STATUS_USAGE;
  }
  const { seed, first, count } = options;
  const end = Date.now() + (options.seconds ?? (count === undefined ? 60 : Number.POSITIVE_INFINITY)) * 1000;
  console.log(`seed ${seed}, from input ${first}`);
  const finding = await fuzz({
    seed,
    first,
    goesOn: (index) => Date.now() < end && (count === undefined || index < first + count),
    progress: (line) => console.log(line),
  });
  if (finding === undefined) return 0;
  console.error(finding);
  return 1;
}

type Options = { seed: number; first: number; count: number | undefined; seconds: number | undefined };

function readOptions(args: readonly string[]): Options | string {
  const option = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { seed: option, first: option, count: option, seconds: option },
    });
    const wrong = Object.entries(values).find(([, value]) => !/^\d{1,9}$/.test(value));
    if (wrong) return `--${wrong[0]} wants a number of up to nine digits, not "${wrong[1]}"`;
    const number = (name: keyof typeof values) => (values[name] === undefined ? undefined : Number(values[name]));
    return {
      seed: number('seed') ?? Math.floor(Math.random() * 1e9),
      first: number('first') ?? 0,
      count: number('count'),
      seconds: number('seconds'),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
