// SPDX-License-Identifier: MIT
/** What a run of the bench leaves behind, as it is kept in JSON: every round of every row, and where and when that was. */
import { readFileSync } from 'node:fs';
import { UsageError } from '../src/cli/usage-error.ts';
import type { Reference, Row, Unit } from './rows.ts';
import { best, combinedNoise, noise } from './statistics.ts';

/** Changes when an older file can no longer be compared. */
const FORMAT = 1;

export interface Measurement {
  readonly group: string;
  readonly name: string;
  readonly unit: Unit;
  readonly reference: Reference;
  readonly budget?: number;
  /** A value a round, in the row's unit. */
  readonly guest: readonly number[];
  /** Of native Linux, or of another reference; empty when there is none. */
  readonly native: readonly number[];
}

export interface Results {
  readonly format: number;
  /** ISO 8601. */
  readonly date: string;
  /** The checkout's commit, with `+` when files were changed since. */
  readonly commit: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Measurement[];
}

export function measurement(row: Row, guest: readonly number[], native: readonly number[] = []): Measurement {
  const { group, name, unit, reference, budget } = row;
  return { group, name, unit, reference, ...(budget !== undefined && { budget }), guest, native };
}

export function makeResults(about: Omit<Results, 'format' | 'rows'>, rows: readonly Measurement[]): Results {
  return { format: FORMAT, ...about, rows };
}

/** Guest's time or size by native's; undefined when there is nothing to compare with. */
export function ratio(row: Measurement): number | undefined {
  return row.native.length > 0 ? best(row.guest) / best(row.native) : undefined;
}

/** How far the ratio, or the figure that stands alone, is to be trusted, as a part of it. */
export function rowNoise(row: Measurement): number | undefined {
  return combinedNoise([noise(row.guest), row.native.length > 0 ? noise(row.native) : 0]);
}

/** Whether the budget is one of the ratio; else it is one of the figure itself. */
export function hasRatioBudget(row: Measurement): boolean {
  return row.reference === 'linux' || row.reference === 'without';
}

/** Undefined without a budget. */
export function keepsBudget(row: Measurement): boolean | undefined {
  if (row.budget === undefined) return undefined;
  const figure = hasRatioBudget(row) ? ratio(row) : best(row.guest);
  return figure === undefined ? undefined : figure <= row.budget;
}

/** Reads what an earlier run has kept. Throws UsageError. */
export function readResults(path: string): Results {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UsageError(`${path}: no such file, or not readable`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${path}: not JSON`);
  }
  if (!isResults(value)) throw new UsageError(`${path}: not kept by npm run bench, or by another version of it`);
  return value;
}

function isResults(value: unknown): value is Results {
  if (!isRecord(value) || value.format !== FORMAT || !Array.isArray(value.rows)) return false;
  return value.rows.every(
    (row: unknown) => isRecord(row) && typeof row.name === 'string' && isNumbers(row.guest) && isNumbers(row.native),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}
