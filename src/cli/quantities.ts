// SPDX-License-Identifier: MIT
/** Sizes as users write and read them. Called by arguments.ts. */

const SIZE_UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** Bytes: a number with K, M or G, or without a letter of MiB. Undefined when it is no such text. */
export function parseSize(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)([KMG]?)$/i.exec(text);
  const unit = SIZE_UNITS[match?.[2]?.toUpperCase() || 'M'];
  return match && unit ? Number(match[1]) * unit : undefined;
}

/** A size as a user reads it: in the largest unit that it is a whole number of, else rounded up to MiB. */
export function describeSize(bytes: number): string {
  const mebibytes = Math.ceil(bytes / 2 ** 20);
  return mebibytes % 1024 === 0 && mebibytes > 0 ? `${mebibytes / 1024}G` : `${mebibytes}M`;
}
