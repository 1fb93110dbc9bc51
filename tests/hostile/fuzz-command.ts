// SPDX-License-Identifier: MIT
/**
 * `npm run fuzz -- [--forks] [--seconds N] [--count N] [--seed N] [--first N]`: the fuzzer as a command; with --forks it tries
 * random programs that fork instead of hostile inputs. Status 1: it has found something.
 */
import { parseArgs } from 'node:util';
import { STATUS_USAGE } from '../../src/cli/usage-error.ts';
import { tryForks } from '../harness/fork-fuzz.ts';
import { fuzz } from './fuzz.ts';

const USAGE = 'usage: npm run fuzz -- [--forks] [--seconds N | --count N] [--seed N] [--first N]';

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
  const goesOn = (index: number) => Date.now() < end && (count === undefined || index < first + count);
  const finding = options.forks
    ? fuzzForks(seed + first, (index) => goesOn(first + index))
    : await fuzz({ seed, first, goesOn, progress: (line) => console.log(line) });
  if (finding === undefined) return 0;
  console.error(finding);
  return 1;
}

/** What is wrong with the first random program that does something else when it is made forkable. */
function fuzzForks(first: number, goesOn: (index: number) => boolean): string | undefined {
  let forks = 0;
  let index = 0;
  try {
    for (; goesOn(index); index++) forks += tryForks(first + index).forks;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  console.log(`${index} programs, ${forks} forks, no finding`);
  return undefined;
}

type Options = { forks: boolean; seed: number; first: number; count: number | undefined; seconds: number | undefined };

function readOptions(args: readonly string[]): Options | string {
  const option = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { forks: { type: 'boolean' }, seed: option, first: option, count: option, seconds: option },
    });
    const wrong = Object.entries(values).find(([, value]) => typeof value === 'string' && !/^\d{1,9}$/.test(value));
    if (wrong) return `--${wrong[0]} wants a number of up to nine digits, not "${wrong[1]}"`;
    const number = (name: keyof typeof values) => (values[name] === undefined ? undefined : Number(values[name]));
    return {
      forks: values.forks ?? false,
      seed: number('seed') ?? Math.floor(Math.random() * 1e9),
      first: number('first') ?? 0,
      count: number('count'),
      seconds: number('seconds'),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
