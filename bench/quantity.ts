// SPDX-License-Identifier: MIT
/** Figures as people read them: three digits and the unit that suits. */
import type { Unit } from './rows.ts';

const STEPS: Readonly<Record<Unit, { readonly factor: number; readonly names: readonly string[] }>> = {
  ns: { factor: 1000, names: ['ns', 'µs', 'ms', 's'] },
  bytes: { factor: 1000, names: ['B', 'KB', 'MB', 'GB'] },
  part: { factor: 1, names: ['%'] },
};

export function quantity(value: number, unit: Unit): string {
  const { factor, names } = STEPS[unit];
  let scaled = unit === 'part' ? value * 100 : value;
  let step = 0;
  // 999.6 would be shown as 1000.
  while (factor > 1 && scaled >= factor - 0.5 && step < names.length - 1) {
    scaled /= factor;
    step++;
  }
  return `${digits(scaled, unit)} ${names[step]}`;
}

function digits(value: number, unit: Unit): string {
  if (unit === 'part') return value.toFixed(2);
  if (value >= 99.95 || Number.isInteger(value)) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}
