// SPDX-License-Identifier: MIT
/** Sizes and durations as users write them. Called by arguments.ts. */

const SIZE_UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Bytes: a number with K, M or G, or without a letter of MiB. Undefined when it is no such text. */
export function parseSize(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)([KMG]?)$/i.exec(text);
  const unit = SIZE_UNITS[match?.[2]?.toUpperCase() || 'M'];
  return match && unit ? Number(match[1]) * unit : undefined;
}

/** Milliseconds: a number with ms, s, m, h or d, or of seconds, as timeout(1) has it. Undefined when it is no such text. */
export function parseDuration(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|[smhd]?)$/.exec(text);
  const unit = DURATION_UNITS[match?.[2] || 's'];
  return match && unit ? Number(match[1]) * unit : undefined;
}

/** A size as a user reads it: in the largest unit that it is a whole number of, else rounded up to MiB. */
export function describeSize(bytes: number): string {
  const mebibytes = Math.ceil(bytes / 2 ** 20);
  return mebibytes % 1024 === 0 && mebibytes > 0 ? `${mebibytes / 1024}G` : `${mebibytes}M`;
}
