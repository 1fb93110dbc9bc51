// SPDX-License-Identifier: MIT
/**
 * Reads options off the front of an argument list, up to the first word that is none. Knows no option itself: arguments.ts, its
 * caller, has the table. Every mistake is one line, with the option that was probably meant.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

export type OptionTable = NonNullable<ParseArgsConfig['options']>;
export type OptionValues<Table extends OptionTable> = ReturnType<typeof parseArgs<{ options: Table }>>['values'];

/**
 * How many arguments at the front are options and their values. The first word that is no option ends them, and so does "--".
 * Throws UsageError.
 */
export function countLeadingOptions(args: readonly string[], table: OptionTable): number {
  const { tokens } = parseArgs({
    args: [...args],
    options: table,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') return token.index;
    const { rawName, value, inlineValue } = token;
    const option = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (!option) throw new UsageError(`unknown option ${rawName} ${hint(rawName, table)}`);
    if (option.type === 'boolean' && value !== undefined) throw new UsageError(`${rawName} takes no value`);
    if (option.type === 'string' && value === undefined) throw new UsageError(`${rawName} needs a value`);
    if (value?.startsWith('-') && !inlineValue) {
      const joined = rawName.startsWith('--') ? `${rawName}=${value}` : `${rawName}${value}`;
      throw new UsageError(`${rawName} needs a value (one that begins with a dash: ${joined})`);
    }
  }
  return args.length;
}

/** The values of arguments that countLeadingOptions has accepted. Of several the last counts, unless it is `multiple`. */
export function optionValues<Table extends OptionTable>(args: readonly string[], table: Table): OptionValues<Table> {
  return parseArgs({ args: [...args], options: table }).values;
}

function hint(wrong: string, table: OptionTable): string {
  const near = wrong.startsWith('--') ? nearest(wrong.slice(2), Object.keys(table)) : undefined;
  return near === undefined ? '(see wasmlinux --help)' : `(did you mean --${near}?)`;
}

/** The candidate that begins with the word, or is at most two typing mistakes away from it and near enough to be recognised. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  const begun = word.length > 1 ? candidates.find((candidate) => candidate.startsWith(word)) : undefined;
  if (begun !== undefined) return begun;
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.min(2, candidate.length / 3))
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate;
}

/** Insertions, deletions, replacements and swaps of neighbours that make b of a (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(replaced, swapped, at(last, j) + 1, at(row, j - 1) + 1));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
