// SPDX-License-Identifier: MIT
/** The results as a table, for a terminal or as Markdown: one block a group, beside it what an earlier run had, if any. */
import { type Change, change } from './compare.ts';
import { quantity } from './quantity.ts';
import { hasRatioBudget, keepsBudget, type Measurement, type Results, ratio, rowNoise } from './results.ts';
import { COST_GROUPS, DOWNLOAD_GROUP, type Reference } from './rows.ts';
import { best, geometricMean } from './statistics.ts';

/** Marks figures of a bare Node in the column `native`. */
const NODE_MARK = '*';
const NODE_NOTE = `${NODE_MARK} a bare Node: start to exit, or its memory; a yardstick for the machine, not native Linux`;
const MISSED = 'missed';

/** Groups whose ratios are alike enough for a mean. */
const MEAN_GROUPS = ['cpu', 'real', ...Object.keys(COST_GROUPS)];

interface Line {
  readonly name: string;
  readonly cells: readonly string[];
}

/** For a terminal. */
export function textTable(results: Results, before?: Results): string {
  const titles = columnTitles(before);
  const blocks = groups(results).map((rows): Line[] => [
    { name: rows[0]?.group ?? '', cells: titlesOf(rows, titles) },
    ...lines(rows, before).map(({ name, cells }) => ({ name: `  ${name}`, cells })),
  ]);
  const all = blocks.flat();
  const nameWidth = Math.max(...all.map(({ name }) => name.length));
  const widths = titles.map((_, i) => Math.max(...all.map(({ cells }) => cells[i]?.length ?? 0)));
  const text = blocks.map((block) =>
    block
      .map(({ name, cells }) => {
        const padded = cells.map((cell, i) => cell.padStart(widths[i] ?? 0));
        return `${name.padEnd(nameWidth)}  ${padded.join('  ')}`.trimEnd();
      })
      .join('\n'),
  );
  return `${text.join('\n\n')}\n${hasNode(results) ? `\n${NODE_NOTE}\n` : ''}`;
}

/** For docs/performance.md: with where and when. */
export function markdownTable(results: Results, before?: Results): string {
  const titles = columnTitles(before);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const blocks = groups(results).map((rows) =>
    [
      row([`**${rows[0]?.group}**`, ...titlesOf(rows, titles)]),
      row(['---', ...titles.map(() => '---:')]),
      ...lines(rows, before).map(({ name, cells }) => row([name, ...cells])),
    ].join('\n'),
  );
  const about = [
    ...Object.values(results.machine),
    ...Object.entries(results.versions).map(([name, version]) => `${name} ${version}`),
  ];
  const head = `Commit ${results.commit}, ${results.date.slice(0, 10)}: ${about.join(', ')}.`;
  const note = hasNode(results) ? `\n\n\\${NODE_NOTE}` : '';
  return `${head}\n\n${blocks.join('\n\n')}${note}\n`;
}

function columnTitles(before: Results | undefined): string[] {
  return ['native', 'guest', 'ratio', 'noise', 'budget', ...(before ? ['then', 'change'] : [])];
}

const TITLES: Partial<Record<Reference, readonly [string, string]>> = {
  without: ['without', 'with'],
  clang: ['clang', 'ours'],
};

/** The reference of a group about a cost, or about the compiler, is not native Linux. */
function titlesOf(rows: readonly Measurement[], titles: readonly string[]): readonly string[] {
  const [native, guest] = TITLES[rows[0]?.reference ?? 'none'] ?? titles;
  return [native ?? '', guest ?? '', ...titles.slice(2)];
}

function groups(results: Results): Measurement[][] {
  return [...Map.groupBy(results.rows, (row) => row.group).values()];
}

function hasNode(results: Results): boolean {
  return results.rows.some((row) => row.reference === 'node');
}

function lines(rows: readonly Measurement[], before: Results | undefined): Line[] {
  const result = rows.map((row): Line => {
    const earlier = before?.rows.find(({ name }) => name === row.name);
    return { name: row.name, cells: [...cellsOf(row), ...(before ? changeCells(row, earlier) : [])] };
  });
  const ratios = rows.map(ratio).filter((value) => value !== undefined);
  const [first] = rows;
  if (first && rows.length > 1 && MEAN_GROUPS.includes(first.group)) {
    const mean = geometricMean(ratios);
    const budget = meanBudget(first.group, mean);
    result.push({ name: 'geometric mean', cells: ['', '', mean.toFixed(2), '', budget, ...(before ? ['', ''] : [])] });
  }
  return result;
}

function meanBudget(group: string, mean: number): string {
  const limit = COST_GROUPS[group]?.mean;
  if (limit === undefined) return '';
  return mean <= limit ? limit.toFixed(2) : `${limit.toFixed(2)} ${MISSED}`;
}

function cellsOf(row: Measurement): string[] {
  const mark = row.reference === 'node' ? NODE_MARK : '';
  const noise = rowNoise(row);
  return [
    row.native.length > 0 ? quantity(best(row.native), row.unit) + mark : '',
    quantity(best(row.guest), row.unit),
    ratio(row)?.toFixed(2) ?? '',
    noise === undefined || row.group === DOWNLOAD_GROUP ? '' : `${(noise * 100).toFixed(0)} %`,
    budgetCell(row),
  ];
}

function budgetCell(row: Measurement): string {
  if (row.budget === undefined) return '';
  const limit = hasRatioBudget(row) ? row.budget.toFixed(2) : quantity(row.budget, row.unit);
  return keepsBudget(row) ? limit : `${limit} ${MISSED}`;
}

function changeCells(row: Measurement, before: Measurement | undefined): string[] {
  const found = change(row, before);
  if (!before || !found) return ['', ''];
  return [ratio(before)?.toFixed(2) ?? quantity(best(before.guest), before.unit), changeText(found)];
}

function changeText({ factor, verdict }: Change): string {
  const percent = Math.round((factor - 1) * 100);
  const sign = percent > 0 ? '+' : '';
  return `${sign}${percent} %${verdict === 'worse' || verdict === 'better' ? ` ${verdict}` : ''}`;
}
