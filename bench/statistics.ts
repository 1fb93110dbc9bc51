// SPDX-License-Identifier: MIT
/**
 * What is made of a row's rounds. The figure is the best round: on a machine that does other things too, disturbance only ever
 * adds, so the smallest value is the nearest to the cost itself and the one that comes out again. A median moves with the load.
 */

export function best(rounds: readonly number[]): number {
  return Math.min(...rounds);
}

/**
 * How far the best is to be trusted, as a part of it: the distance from the best to the quartile below which the best quarter of
 * the rounds lies. Undefined for fewer than three rounds, which say nothing about it.
 */
export function noise(rounds: readonly number[]): number | undefined {
  if (rounds.length < 3) return undefined;
  const sorted = rounds.toSorted((a, b) => a - b);
  const [smallest = 0] = sorted;
  // Between two rounds the quartile is interpolated.
  const place = (sorted.length - 1) / 4;
  const below = sorted[Math.floor(place)] ?? smallest;
  const above = sorted[Math.ceil(place)] ?? below;
  const quartile = below + (above - below) * (place - Math.floor(place));
  return smallest === 0 ? 0 : (quartile - smallest) / smallest;
}

/** The noise of a quotient or product of quantities that are disturbed independently. */
export function combinedNoise(parts: readonly (number | undefined)[]): number | undefined {
  let squares = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    squares += part * part;
  }
  return Math.sqrt(squares);
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
