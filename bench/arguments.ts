// SPDX-License-Identifier: MIT
/** The command line of `npm run bench`, as data. Called by main.ts. */
import { parseArgs } from 'node:util';
import { UsageError } from '../src/cli/usage-error.ts';
import { GROUPS, type Row, selectRows } from './rows.ts';

export const usage = `\
npm run bench: what this Linux costs, beside native Linux in the same run

Usage: npm run bench -- [OPTION...] [NAME...]

NAME is a group or a part of a row's name; without one everything is run, which takes about two minutes.
Groups: ${GROUPS.join(', ')}

Options:
  --rounds N       measure each row in N rounds (default 9); the best one counts
  --compare FILE   show what has changed since the run kept in FILE; status 1 when a row is worse by more than the noise
  --json FILE      keep the results in FILE (those of all rows are kept in build/bench.json anyway)
  --from FILE      show the run kept in FILE; nothing is run
  --markdown FILE  put the table into a Markdown file, between its two marks (docs/performance.md has them)
  -h, --help       show this
`;

export interface BenchRequest {
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly compare: string | undefined;
  readonly json: string | undefined;
  readonly from: string | undefined;
  readonly markdown: string | undefined;
}

const DEFAULT_ROUNDS = 9;

const options = {
  rounds: { type: 'string' },
  compare: { type: 'string' },
  json: { type: 'string' },
  from: { type: 'string' },
  markdown: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** What the arguments ask for. Throws UsageError. */
export function parseBench(args: readonly string[]): BenchRequest | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  const rows = selectRows(positionals);
  if (typeof rows === 'string') {
    throw new UsageError(`no row or group has "${rows}" in its name (groups: ${GROUPS.join(', ')})`);
  }
  const rounds = values.rounds ?? String(DEFAULT_ROUNDS);
  if (!/^[1-9][0-9]{0,2}$/.test(rounds)) throw new UsageError(`--rounds ${rounds}: a number from 1 to 999`);
  if (values.from !== undefined && (positionals.length > 0 || values.rounds !== undefined)) {
    throw new UsageError('--from shows a run that is over: no NAME and no --rounds go with it');
  }
  const { compare, json, from, markdown } = values;
  return { rows, rounds: Number(rounds), compare, json, from, markdown };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const sentence = error instanceof Error ? error.message.split(/[.\n]/)[0] : String(error);
    throw new UsageError(`${sentence} (see npm run bench -- --help)`);
  }
}
