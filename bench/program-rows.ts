// SPDX-License-Identifier: MIT
/**
 * Measures the rows of bench/programs. Native and guest take turns round by round, so that what disturbs the machine hits both
 * alike; and the rounds are spread over several passes with programs and machines of their own, because a start decides much:
 * where memory lies, and in which order functions are compiled.
 */
import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Measurement, measurement } from './results.ts';
import { programOf, type Row } from './rows.ts';
import { makeRealFolders, type RealFolders, type RealOutputs } from './real-folders.ts';
import { Session } from './session.ts';

/** Milliseconds that a round should take: much longer than the clock's grain, shorter than most disturbances. */
const ROUND_MS = 15;
/**
 * A row is warm when so many rounds in a row brought nothing faster by more than this part, but not before and at the latest
 * after so many milliseconds. The first row of a machine begins with a kernel of which nothing has been compiled well.
 */
const WARM_ROUNDS = 3;
const WARM_PART = 0.05;
const WARM_MS: Readonly<Record<Side, readonly [least: number, most: number]>> = {
  native: [0, 100],
  spread: [0, 100],
  guest: [150, 500],
  without: [150, 500],
};
const FIRST_WARM_MS = 750;
/** An operation of a real program takes a tenth of a second and more. */
const REAL_WARM_MS = [500, 5000] as const;
/** Passes, when there are rounds enough. */
const PASSES = 3;
/** Two copies of a file of 64 MiB must fit. */
const GUEST_MEMORY = '1G';
/** f_type of a tmpfs, statfs(2). */
const TMPFS_MAGIC = 0x01021994;

export interface ProgramPaths {
  /** The command `wasmlinux`. */
  readonly command: string;
  /** The output of the step benchPrograms. */
  readonly programs: string;
  /** The output of the step benchBusybox. */
  readonly busybox: string;
  /** The output of the step nativeShells. */
  readonly shells: string;
  /** Of the real rows. */
  readonly real: RealOutputs;
}

/** Told before each row of each pass. */
export type OnRow = (done: number, total: number, name: string) => void;

/** The sides of a comparison. Native runs on one processor; `spread` on all of them; `without` is the guest's other variant. */
type Side = 'native' | 'spread' | 'guest' | 'without';

/** Measures the rows, which must be rows of programs, in so many rounds. Rejects with a SessionError when a program fails. */
export async function measureProgramRows(
  rows: readonly Row[],
  rounds: number,
  paths: ProgramPaths,
  onRow: OnRow,
): Promise<Measurement[]> {
  const folder = mkdtempSync(join(nativeTmpfs(), 'wasmlinux-bench-'));
  const found = new Map(rows.map((row) => [row, { native: [] as number[], guest: [] as number[] }]));
  const operations = new Map<string, number>();
  const passes = Math.min(PASSES, rounds);
  let done = 0;
  // Also when Ctrl-C ends the bench.
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  try {
    const real = makeRealFolders(folder, rows.some((row) => programOf(row) === 'real') ? paths.real : undefined);
    for (let pass = 0; pass < passes; pass++) {
      const passRounds = Math.floor(((pass + 1) * rounds) / passes) - Math.floor((pass * rounds) / passes);
      for (const groupRows of Map.groupBy(rows, (row) => row.group + programOf(row)).values()) {
        await using sides = startSides(groupRows, paths, real, folder);
        for (const row of groupRows) {
          onRow(done++, passes * rows.length, row.name);
          const values = found.get(row);
          const measured = await measureRow(row, passRounds, sides.sessions, operations, row === groupRows[0]);
          values?.native.push(...measured.native);
          values?.guest.push(...measured.guest);
        }
      }
    }
  } finally {
    process.off('exit', remove);
    remove();
  }
  return [...found].map(([row, { native, guest }]) => measurement(row, guest, native));
}

interface Sides extends AsyncDisposable {
  readonly sessions: ReadonlyMap<Side, Session>;
}

function startSides(rows: readonly Row[], paths: ProgramPaths, real: RealFolders, folder: string): Sides {
  const [first] = rows;
  if (!first) throw new Error('no rows');
  const program = programOf(first);
  const native = (side: Side): string[] => [
    join(paths.programs, 'native', program),
    join(folder, side),
    join(paths.shells, 'dash'),
    join(paths.busybox, 'ash'),
    join(paths.shells, 'bash'),
    join(paths.busybox, 'true'),
    real.native,
  ];
  const guest = (module: string): Session =>
    new Session('in the guest', paths.command, [
      ...['--memory', GUEST_MEMORY],
      ...(program === 'real' ? ['--root', real.guestRoot] : []),
      ...['run', join(paths.programs, 'guest', `${module}.wasm`)],
      ...['/dev/shm/bench', '/bin/sh', '/bin/ash', '/bin/bash', '/bin/true', real.guest],
    ]);
  const sessions = new Map<Side, Session>();
  if (first.cost) {
    sessions.set('guest', guest(program));
    // A real program is another file of the same machine, asked for by its name.
    const inSameMachine = program === 'real' ? sessions.get('guest') : undefined;
    sessions.set('without', inSameMachine ?? guest(`${program}.${first.cost.variant}`));
  } else {
    sessions.set('native', new Session('natively', 'taskset', ['--cpu-list', firstProcessor(), ...native('native')]));
    if (rows.some((row) => row.parallel)) {
      sessions.set('spread', new Session('natively', 'env', native('spread')));
    }
    sessions.set('guest', guest(program));
  }
  return {
    sessions,
    async [Symbol.asyncDispose]() {
      await Promise.all([...new Set(sessions.values())].map((session) => session.end()));
    },
  };
}

/** What a side is asked for. */
function request(row: Row, side: Side): string {
  const { program, row: name, variant } = row.cost ?? { program: undefined, row: row.name, variant: '' };
  return program === 'real' && side === 'without' ? `${name}@${variant}` : name;
}

async function measureRow(
  row: Row,
  rounds: number,
  sessions: ReadonlyMap<Side, Session>,
  operations: Map<string, number>,
  isFirst: boolean,
): Promise<{ readonly native: number[]; readonly guest: number[] }> {
  const taking = [...sessions].filter(([side]) => side !== 'spread' || row.parallel);
  for (const [side, session] of taking) {
    const key = `${side} ${row.name}`;
    const n = operations.get(key) ?? (await operationsOfRound(request(row, side), session));
    operations.set(key, n);
    const [least, most] = programOf(row) === 'real' ? REAL_WARM_MS : WARM_MS[side];
    await warmUp(request(row, side), n, session, isFirst && side !== 'native' ? FIRST_WARM_MS : least, most);
  }
  const native: number[] = [];
  const guest: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const times = new Map<Side, number>();
    for (const [side, session] of taking) {
      times.set(side, await session.round(request(row, side), operations.get(`${side} ${row.name}`) ?? 1));
    }
    const references = (['native', 'spread', 'without'] as const).map((side) => times.get(side) ?? Infinity);
    native.push(Math.min(...references));
    guest.push(times.get('guest') ?? Infinity);
  }
  return { native, guest };
}

/** How many operations take about ROUND_MS. */
async function operationsOfRound(row: string, session: Session): Promise<number> {
  for (let n = 1; ; n *= 4) {
    const each = (await session.round(row, n)) / 1e6;
    if (each * n >= ROUND_MS / 4) return Math.max(1, Math.round(ROUND_MS / each));
  }
}

/** The engine compiles a function better when it has run for a while. */
async function warmUp(row: string, n: number, session: Session, least: number, most: number): Promise<void> {
  let fastest = Infinity;
  let spent = 0;
  for (let stale = 0; spent < least || (stale < WARM_ROUNDS && spent < most); ) {
    const each = await session.round(row, n);
    spent += (each * n) / 1e6;
    stale = each < fastest * (1 - WARM_PART) ? 0 : stale + 1;
    fastest = Math.min(fastest, each);
  }
}

/** The guest's files lie in a tmpfs, so native ones should. */
function nativeTmpfs(): string {
  const folder = '/dev/shm';
  try {
    if (statfsSync(folder).type === TMPFS_MAGIC) return folder;
  } catch {
    // There is none.
  }
  return tmpdir();
}

/** One that this process may use. */
function firstProcessor(): string {
  return /^Cpus_allowed_list:\s*([0-9]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
}
