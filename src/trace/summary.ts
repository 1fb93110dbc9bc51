// SPDX-License-Identifier: MIT
/** What -c prints at the end: how often each call was made, how often it failed, and the time that the kernel spent in it. */

interface Count {
  calls: number;
  errors: number;
  /** Nanoseconds. */
  time: number;
}

const COLUMNS = [6, 11, 11, 9, 9, 16] as const;

function row(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 5 ? cell : cell.padStart(COLUMNS[index] as number))).join(' ');
}

export class Summary {
  readonly #counts = new Map<string, Count>();

  add(name: string, isFailure: boolean, nanoseconds: number): void {
    const count = this.#counts.get(name) ?? { calls: 0, errors: 0, time: 0 };
    this.#counts.set(name, count);
    count.calls++;
    if (isFailure) count.errors++;
    count.time += nanoseconds;
  }

  /** The table, the most time first. */
  text(): string {
    const counts = [...this.#counts].sort(([nameA, a], [nameB, b]) => b.time - a.time || nameA.localeCompare(nameB));
    const total: Count = { calls: 0, errors: 0, time: 0 };
    for (const [, { calls, errors, time }] of counts) {
      total.calls += calls;
      total.errors += errors;
      total.time += time;
    }
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
