// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { best, combinedNoise, geometricMean, noise } from './statistics.ts';

test('the best round is the figure, whatever the others were', () => {
  assert.equal(best([30, 10, 500]), 10);
});

test('noise is the distance to the lower quartile', () => {
  assert.equal(noise([10, 10, 10, 10, 900]), 0);
  assert.equal(noise([900, 11, 10, 12, 13]), 0.1);
  assert.equal(noise([10, 14, 900]), 0.2);
  assert.equal(noise([0, 0, 0]), 0);
});

test('fewer than three rounds say nothing about noise', () => {
  assert.equal(noise([1]), undefined);
  assert.equal(noise([1, 2]), undefined);
});

test('independent noise adds up by squares, and is unknown when a part is', () => {
  assert.equal(combinedNoise([0.3, 0.4]), 0.5);
  assert.equal(combinedNoise([0.3, undefined]), undefined);
});

test('the geometric mean of ratios does not depend on which side is which', () => {
  assert.ok(Math.abs(geometricMean([2, 0.5, 4, 0.25]) - 1) < 1e-12);
  assert.ok(Math.abs(geometricMean([2, 8]) - 4) < 1e-12);
});
