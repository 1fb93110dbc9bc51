// SPDX-License-Identifier: MIT
/** What -c prints at the end: how often each call was made, how often it failed, and the time that the kernel spent in it. */
import { COUNTS_BYTES } from './options.ts';
import { entries, syscalls } from './syscalls.ts';

interface Count {
  readonly calls: number;
  readonly errors: number;
  /** Nanoseconds. */
  readonly time: number;
}

const COLUMNS = [6, 11, 11, 9, 9, 16] as const;

function row(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 5 ? cell : cell.padStart(COLUMNS[index] as number))).join(' ');
}

/** Names in the order of their counts; the last one stands for all calls that do not exist. */
const names = [...[...syscalls, ...entries].map(({ name }) => name), 'unknown'];
const indices = new Map(names.map((name, index) => [name, index]));
const UNKNOWN = names.length - 1;

/** Numbers of one call. */
const FIELDS = 3;

export class Summary {
  readonly #counts: Float64Array;

  /** In memory of COUNTS_BYTES. */
  constructor(memory: ArrayBufferLike = new ArrayBuffer(COUNTS_BYTES)) {
    this.#counts = new Float64Array(memory);
  }

  add(name: string, isFailure: boolean, nanoseconds: number): void {
    const at = (indices.get(name) ?? UNKNOWN) * FIELDS;
    [1, isFailure ? 1 : 0, nanoseconds].forEach((value, index) => {
      this.#counts[at + index] = (this.#counts[at + index] ?? 0) + value;
    });
  }

  #get(index: number): Count {
    const [calls = 0, errors = 0, time = 0] = this.#counts.subarray(index * FIELDS, (index + 1) * FIELDS);
    return { calls, errors, time };
  }

  /** The table, the most time first. */
  text(): string {
    const counts = names
      .map((name, index) => [name, this.#get(index)] as const)
      .filter(([, { calls }]) => calls > 0)
      .sort(([nameA, a], [nameB, b]) => b.time - a.time || nameA.localeCompare(nameB));
    const total = counts.reduce(
      (sum, [, { calls, errors, time }]) => ({
        calls: sum.calls + calls,
        errors: sum.errors + errors,
        time: sum.time + time,
      }),
      { calls: 0, errors: 0, time: 0 },
    );
    const line = (name: string, { calls, errors, time }: Count) =>
      row([
        (total.time === 0 ? 0 : (time * 100) / total.time).toFixed(2),
        (time / 1e9).toFixed(6),
        String(Math.floor(time / 1e3 / Math.max(calls, 1))),
        String(calls),
        errors === 0 ? '' : String(errors),
        name,
      ]);
    const rule = COLUMNS.map((width) => '-'.repeat(width)).join(' ');
    const lines = [
      row(['% time', 'seconds', 'usecs/call', 'calls', 'errors', 'syscall']),
      rule,
      ...counts.map(([name, count]) => line(name, count)),
      rule,
      line('total', total),
    ];
    return `${lines.join('\n')}\n`;
  }
}
