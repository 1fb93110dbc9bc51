// SPDX-License-Identifier: MIT
/**
 * Compares two runs row by row: ratio to ratio, because only the ratio travels from one hour or machine to another; where there
 * is no native figure, the figures themselves.
 */
import { type Measurement, type Results, ratio, rowNoise } from './results.ts';
import { DOWNLOAD_GROUP } from './rows.ts';
import { best, combinedNoise } from './statistics.ts';

/**
 * A change counts when it is larger than three times the noise that the rounds of both runs show, and than what two runs differ
 * by although their rounds agree: each start of a program lays out its memory anew and compiles its functions in another order.
 */
const NOISE_FACTOR = 3;
const FLOOR = 0.1;
/** Sizes of files are not measured but counted. */
const SIZE_FLOOR = 0.01;

export type Verdict = 'worse' | 'better' | 'same' | 'unknown';

export interface Change {
  /** Now by then: above 1 is worse. */
  readonly factor: number;
  /** What the factor must pass to count, above 1; undefined when there were too few rounds. */
  readonly limit: number | undefined;
  readonly verdict: Verdict;
}

/** What has become of a row; undefined when the earlier run did not have it. */
export function change(now: Measurement, before: Measurement | undefined): Change | undefined {
  if (!before) return undefined;
  const figure = (row: Measurement): number => ratio(row) ?? best(row.guest);
  const factor = figure(now) / figure(before);
  if (!Number.isFinite(factor)) return undefined;
  const limit = limitOf(now, before);
  return { factor, limit, verdict: verdict(factor, limit) };
}

/** The rows that have become worse. */
export function regressions(now: Results, before: Results): Measurement[] {
  const byName = new Map(before.rows.map((row) => [row.name, row]));
  return now.rows.filter((row) => change(row, byName.get(row.name))?.verdict === 'worse');
}

function limitOf(now: Measurement, before: Measurement): number | undefined {
  if (now.group === DOWNLOAD_GROUP) return 1 + SIZE_FLOOR;
  const noise = combinedNoise([rowNoise(now), rowNoise(before)]);
  return noise === undefined ? undefined : 1 + Math.max(FLOOR, NOISE_FACTOR * noise);
}

function verdict(factor: number, limit: number | undefined): Verdict {
  if (limit === undefined) return 'unknown';
  if (factor > limit) return 'worse';
  return factor < 1 / limit ? 'better' : 'same';
}
