// SPDX-License-Identifier: MIT
/** Where a pass has put bytes into code, so that addresses can be followed: for reports that name lines. */

/**
 * From `at` on, up to the next one, everything stands `by` further. In the order of `at`, offsets into the contents of the code
 * section as it was.
 */
export interface Insertion {
  readonly at: number;
  readonly by: number;
}

/** Where the byte at an address was before; for an inserted one, where the next old one was. */
export function addressBefore(insertions: readonly Insertion[], address: number): number {
  let low = 0;
  let high = insertions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { at, by } = insertions[middle] as Insertion;
    if (at + by <= address) low = middle + 1;
    else high = middle;
  }
  const next = insertions[low];
  const before = address - (insertions[low - 1]?.by ?? 0);
  return next ? Math.min(before, next.at) : before;
}
