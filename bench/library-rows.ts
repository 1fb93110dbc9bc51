// SPDX-License-Identifier: MIT
/** Measures the library, in processes of its own: what it takes to boot a machine, to run a command, to read files. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../src/build/root.ts';
import type { OnRow } from './program-rows.ts';
import { type Measurement, measurement } from './results.ts';
import type { Row } from './rows.ts';

/** Where native files lie: in memory, as the guest's. */
const MEMORY_FOLDER = '/dev/shm/';

type Figures = Readonly<Record<string, { readonly guest: number; readonly native?: number } | undefined>>;

/** Measures rows of the group `library`, of the npm package as it is built in a folder, in so many rounds. */
export async function measureLibraryRows(
  rows: readonly Row[],
  rounds: number,
  packageFolder: string,
  onRow: OnRow,
): Promise<Measurement[]> {
  const folder = mkdtempSync(join(MEMORY_FOLDER, 'wasmlinux-bench-'));
  const probe = join(root, 'bench', 'library-probe.ts');
  try {
    const all: Figures[] = [];
    for (let round = 0; round < rounds; round++) {
      onRow(round, rounds, 'library');
      const options = ['--no-concurrent-sparkplug', probe, folder, join(packageFolder, 'dist', 'index.js')];
      const { status, stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${probe} ended with status ${status}: ${stderr}`);
      all.push(JSON.parse(stdout) as Figures);
    }
    const values = (row: Row, side: 'guest' | 'native'): number[] =>
      all.map((figures) => figures[row.name]?.[side]).filter((value) => value !== undefined);
    return rows.map((row) => measurement(row, values(row, 'guest'), values(row, 'native')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
