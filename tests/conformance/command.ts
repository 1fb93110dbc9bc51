// SPDX-License-Identifier: MIT
/**
 * `npm run conformance -- [--jobs N] [--seconds N] [TEST...]`: runs the Open POSIX Test Suite in machines, prints a table by
 * topic and what ended otherwise than known-results.ts says. Status 1 when something did. TEST is a pattern with * for names.
 */
import { parseArgs } from 'node:util';
import { lastOutput } from '../../src/build/last-output.ts';
import { root } from '../../src/build/root.ts';
import { STATUS_USAGE } from '../../src/cli/usage-error.ts';
import { type Finished, runBatch } from './batch.ts';
import { knownResults } from './known-results.ts';
import { type ConformanceTest, findTests, OUTCOMES, topicOf, topics } from './tests.ts';

const USAGE = 'usage: npm run conformance -- [--jobs N] [--seconds N] [TEST...]';
/** Machines at once: most tests sleep most of the time. */
const JOBS = 4;
/** What each test has. The longest that passes takes 30. */
const SECONDS = 60;
/** Tests of one machine: more would wait for one that is slow, fewer would boot too often. */
const BATCH = 24;

interface Options {
  readonly jobs: number;
  readonly seconds: number;
  readonly patterns: readonly RegExp[];
}

/** The command; `build` makes what it runs and returns a status. The exit status. */
export async function conformance(args: readonly string[], build: () => Promise<number>): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') {
    console.error(`${options}\n${USAGE}`);
    return STATUS_USAGE;
  }
  const built = await build();
  if (built !== 0) return built;
  const { patterns } = options;
  const all = findTests(lastOutput(root, 'conformancePrograms') ?? '');
  const tests = patterns.length > 0 ? all.filter(({ name }) => patterns.some((pattern) => pattern.test(name))) : all;
  if (tests.length === 0) {
    console.error('npm run conformance: no test has such a name; names are like pthread_join/1-1 or sem_*');
    return STATUS_USAGE;
  }
  const results = await runAll(tests, options);
  console.log(table(results));
  const surprises = results.filter((result) => !isExpected(result));
  for (const { test, outcome } of surprises) {
    const known = knownResults.get(test.name);
    console.log(`${test.name}: ${outcome}, but expected ${known ? `${known.outcome} (${known.reason})` : 'PASS'}`);
  }
  console.log(
    surprises.length === 0
      ? `${results.length} tests ended as expected`
      : `${surprises.length} of ${results.length} tests ended otherwise than expected`,
  );
  return surprises.length === 0 ? 0 : 1;
}

function isExpected({ test, outcome }: Finished): boolean {
  const known = knownResults.get(test.name);
  return outcome === (known?.outcome ?? 'PASS') || known?.or?.includes(outcome) === true;
}

async function runAll(tests: readonly ConformanceTest[], { jobs, seconds }: Options): Promise<Finished[]> {
  const results: Finished[] = [];
  const finished = (result: Finished): void => {
    results.push(result);
    if (isExpected(result)) return;
    const { test, outcome, status, output } = result;
    console.log(`${test.name}: ${outcome} (${status}), ${results.length} of ${tests.length} done`);
    for (const line of output.split('\n').filter((text) => text !== '')) console.log(`    ${line}`);
  };
  const batches: ConformanceTest[][] = [];
  for (const test of tests) {
    if (test.outcome !== undefined) {
      finished({ test, outcome: test.outcome, status: 'compiler', output: test.output });
      continue;
    }
    const last = batches.at(-1);
    if (last && last.length < BATCH) last.push(test);
    else batches.push([test]);
  }
  const worker = async (): Promise<void> => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) await runBatch(batch, seconds, finished);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}

/** How many of each topic ended how. */
function table(results: readonly Finished[]): string {
  const columns = OUTCOMES.filter((outcome) => results.some((result) => result.outcome === outcome));
  const row = (name: string, of: readonly Finished[]): string[] => [
    name,
    ...columns.map((outcome) => String(of.filter((result) => result.outcome === outcome).length || '')),
  ];
  const rows = [
    ['', ...columns],
    ...topics
      .map((topic) => ({ topic, of: results.filter(({ test }) => topicOf(test.name) === topic) }))
      .filter(({ of }) => of.length > 0)
      .map(({ topic, of }) => row(topic, of)),
    row('all', results),
  ];
  const widths = ['', ...columns].map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    )
    .join('\n');
}

function readOptions(args: readonly string[]): Options | string {
  const option = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { jobs: option, seconds: option },
      allowPositionals: true,
    });
    const wrong = Object.entries(values).find(([, value]) => !/^[1-9]\d{0,3}$/.test(value));
    if (wrong) return `--${wrong[0]} wants a number from 1 to 9999, not "${wrong[1]}"`;
    return {
      jobs: Number(values.jobs ?? JOBS),
      seconds: Number(values.seconds ?? SECONDS),
      patterns: positionals.map(namePattern),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A pattern also fits the tests below what it names: `sem_wait` is `sem_wait/1-1` and so on. */
function namePattern(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[^\w/-]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}(/.*)?$`);
}
