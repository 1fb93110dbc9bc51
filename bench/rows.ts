// SPDX-License-Identifier: MIT
/** The one list of what the bench measures: groups, their rows, and the budgets. The programs' rows bear the same names. */

import type { Variant } from '../src/build/real/real-program.ts';

/** What a figure counts: nanoseconds of one operation, bytes, or the part of one processor that is in use. */
export type Unit = 'ns' | 'bytes' | 'part';

/**
 * A bare start of Node is a yardstick for the machine's speed where native Linux has no counterpart. `without` is the same
 * program in the guest, linked without what the row is about. `clang` is what our driver hands the same work to.
 */
export type Reference = 'linux' | 'node' | 'without' | 'clang' | 'none';

/** What a row about the cost of something compares: a row of a program, and the variant of it that does without. */
export interface Cost {
  readonly program: 'real' | 'cpu';
  readonly row: string;
  readonly variant: Variant;
}

export interface Row {
  readonly group: string;
  readonly name: string;
  readonly unit: Unit;
  /** What stands in the column `native`. */
  readonly reference: Reference;
  /** At most so much: of the ratio to native Linux, else of the figure itself, in the row's unit. */
  readonly budget?: number;
  /** Native is given all processors too, and its better figure counts: it can work on both ends at the same time. */
  readonly parallel?: true;
  /** Of a row whose reference is `without`. */
  readonly cost?: Cost;
}

type Details = Partial<Omit<Row, 'group' | 'name'>>;

const MILLISECOND = 1e6;

/** Groups whose rows bench/programs/GROUP.c (exceptions.cpp) runs, natively and in the guest. */
const PROGRAMS: Readonly<Record<string, Readonly<Record<string, Details>>>> = {
  syscalls: {
    getppid: { budget: 0.4 },
    statx: { budget: 1 },
    stat: {},
    'open + close': {},
    'read 1 B of /dev/zero': {},
    'write 1 B to /dev/null': {},
    clock_gettime: {},
    gettimeofday: {},
    lseek: {},
    'mmap + munmap of 64 KiB': {},
    'kill self, with handler': { budget: 0.5 },
    sigprocmask: {},
    'epoll_wait, one ready': {},
    'poll of 10, one ready': {},
  },
  pipes: {
    'pipe write + read, 1 B': { budget: 0.6 },
    'pipe write + read, 64 B': {},
    'pipe round trip': { budget: 1 / 2 },
    'unix socket round trip': {},
    'eventfd round trip': {},
    'TCP round trip': {},
    'pipe, block of 64 KiB': { parallel: true },
    'unix socket, block of 64 KiB': { parallel: true },
    'TCP, block of 64 KiB': { parallel: true },
  },
  processes: {
    'fork + exit + wait': { budget: 1 / 3 },
    'fork + exec + wait': { budget: 1 / 4 },
    'vfork + exec + wait': { budget: 1 / 8 },
    'posix_spawn + wait': { budget: 1 / 5 },
    '200 x /bin/true in a shell': { budget: 0.3 },
    '200 x /bin/true in ash': {},
    '200 x /bin/true in bash': {},
    '20 pipelines of three in a shell': { parallel: true },
    // The last, since the guest's memory of a process does not shrink.
    'fork of 16 MiB + exit + wait': { budget: 1 },
  },
  threads: {
    'pthread_create + join': { budget: 1 },
    'mutex, uncontended': {},
    'mutex, four contenders': { parallel: true },
    'futex round trip': { budget: 1 / 1.5 },
    'condition variable round trip': {},
    'sched_yield of two threads': {},
  },
  shared: {
    'futex round trip, 4 KiB shared': {},
    'with 1 MiB shared': {},
    'with 16 MiB shared': {},
    // Wanted is 1 ms a switch, of which a round trip has two; comparing all of it takes 10,000 times native's.
    'with 100 MiB shared': { budget: 50 },
    'with 100 MiB, never touched': {},
  },
  fairness: {
    'an answer': {},
    'beside 10 busy loops': {},
    'beside 1,000 busy loops': {},
  },
  files: {
    'create + unlink': {},
    'write a file of 1 MiB': {},
    'read a file of 1 MiB': {},
    'copy a file of 64 MiB': {},
    'readdir of 1000 files': {},
    'walk a tree of 1111 places': {},
    'map and read a file of 1 MiB': {},
  },
  cpu: {
    'fib(27), recursive': {},
    'sieve to 1,000,000': {},
    'matrix product, 128 x 128': {},
    'sha256 of 1 MiB': {},
    'sort of 1,000,000 numbers': {},
    'string functions': {},
    'hash table, 100,000 words': {},
    'n-body, 10,000 steps': {},
    'mandelbrot, 256 x 256': {},
    'bytecode interpreter': {},
  },
  real: {
    lua: {},
    quickjs: {},
    sqlite: {},
    gzip: {},
    'awk (mawk)': {},
    sha256sum: {},
    sort: {},
    'grep -E': {},
    dash: {},
    bash: {},
  },
  exceptions: {
    setjmp: {},
    'setjmp + longjmp': {},
    'setjmp + longjmp over 10 frames': {},
    'throw + catch': {},
    'throw + catch over 10 frames': {},
    'throw + catch over 100 frames': {},
    'a call in a loop': {},
    'a call in a try block in a loop': {},
    'a call in a loop after setjmp': {},
  },
  memory: {
    'malloc + free of 64 B': {},
    'malloc + free, mixed sizes': {},
    'malloc + free of 1 MiB': {},
    'realloc from 16 B to 1 MiB': {},
    'memcpy of 64 MiB': {},
    'map 16 MiB, touch each page': {},
  },
};

/** The real programs that a script can make fork. The others' forks, awk's and sort's, are seldom on the way of the work. */
const FORKING = ['lua', 'quickjs', 'dash', 'bash'];

/** Groups about the cost of something, and what the geometric mean of their ratios may be. */
export const COST_GROUPS: Readonly<Record<string, { readonly mean: number }>> = {
  polls: { mean: 1.07 },
  fork: { mean: 1.3 },
};

/** At most so much in any program. */
const POLLS_BUDGET = 1.15;

function costRow(group: string, cost: Cost, budget?: number): Row {
  const name = `${group}: ${cost.row}`;
  return { group, name, unit: 'ns', reference: 'without', cost, ...(budget !== undefined && { budget }) };
}

const COST_ROWS: readonly Row[] = [
  ...(['real', 'cpu'] as const).flatMap((program) =>
    Object.keys(PROGRAMS[program] ?? {}).map((row) =>
      costRow('polls', { program, row, variant: 'no-polls' }, POLLS_BUDGET),
    ),
  ),
  ...FORKING.map((row) => costRow('fork', { program: 'real', row, variant: 'no-fork' })),
];

/** Rows that bench/*-rows.ts measure from outside. */
export const Outside = {
  prompt: { group: 'boot', name: 'start to prompt', unit: 'ns', reference: 'node', budget: 250 * MILLISECOND },
  runTrue: { group: 'boot', name: 'run true, start to exit', unit: 'ns', reference: 'node' },
  compile: { group: 'boot', name: 'compile the kernel', unit: 'ns', reference: 'node' },
  kernel: { group: 'boot', name: 'kernel to /init', unit: 'ns', reference: 'node' },
  resident: { group: 'memory', name: 'resident at the prompt', unit: 'bytes', reference: 'node' },
  idleProcess: { group: 'memory', name: 'one idle process more', unit: 'bytes', reference: 'linux' },
  // None, but for what the measuring itself sees: a look at the clock.
  idle: { group: 'idle', name: 'CPU at the prompt', unit: 'part', reference: 'none', budget: 0.0005 },
} as const satisfies Record<string, Row>;

/** Calls of the compiler that only compile, and the language: of nearly nothing, so that the start counts. */
export const COMPILATIONS = { 'wasmlinux-cc -c': 'c', 'wasmlinux-c++ -c': 'cpp' } as const;
export const COMPILER_ROWS: readonly Row[] = Object.keys(COMPILATIONS).map((name) => ({
  group: 'compiler',
  name,
  unit: 'ns',
  reference: 'clang',
}));

/** What the library costs; native is Node's own readFile of a file in memory. */
export const LIBRARY_ROWS = {
  boot: { group: 'library', name: 'boot to first result', unit: 'ns', reference: 'none', budget: 150 * MILLISECOND },
  second: { group: 'library', name: 'second machine', unit: 'ns', reference: 'none', budget: 100 * MILLISECOND },
  memory: { group: 'library', name: 'memory of a second machine', unit: 'bytes', reference: 'none', budget: 60e6 },
  run: { group: 'library', name: "run('true')", unit: 'ns', reference: 'none', budget: 2 * MILLISECOND },
  small: { group: 'library', name: 'fs.readFile of 1 KiB', unit: 'ns', reference: 'none', budget: 0.1 * MILLISECOND },
  large: { group: 'library', name: 'fs.readFile of 100 MB', unit: 'ns', reference: 'linux', budget: 1 / 0.3 },
} as const satisfies Record<string, Row>;

export const DOWNLOAD_GROUP = 'download';
/** Of each part of a download: its own size, and as gzip and brotli send it. */
export const DOWNLOADS = ['vmlinux.wasm', 'initramfs.cpio', 'code of the Worker', 'page and terminal'] as const;
export type Download = (typeof DOWNLOADS)[number];
export const ENCODINGS = ['plain', 'gzip', 'brotli'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export function downloadRow(download: Download, encoding: Encoding): Row {
  return { group: DOWNLOAD_GROUP, name: `${download}, ${encoding}`, unit: 'bytes', reference: 'none' };
}

function programRows(group: string): Row[] {
  return Object.entries(PROGRAMS[group] ?? {}).map(([name, details]) => ({
    group,
    name,
    unit: 'ns',
    reference: 'linux',
    ...details,
  }));
}

/** All rows, in the order of the table. */
export const ROWS: readonly Row[] = [
  Outside.prompt,
  Outside.runTrue,
  Outside.compile,
  Outside.kernel,
  ...Object.keys(PROGRAMS).flatMap(programRows),
  ...COST_ROWS,
  Outside.resident,
  Outside.idleProcess,
  Outside.idle,
  ...COMPILER_ROWS,
  ...Object.values(LIBRARY_ROWS),
  ...DOWNLOADS.flatMap((download) => ENCODINGS.map((encoding) => downloadRow(download, encoding))),
];

/** The names of the groups, in the order of the table. */
export const GROUPS: readonly string[] = [...new Set(ROWS.map((row) => row.group))];

/** Whether a program of bench/programs measures the row. */
export function isProgramRow(row: Row): boolean {
  return row.cost !== undefined || Object.hasOwn(PROGRAMS[row.group] ?? {}, row.name);
}

/** Which program of bench/programs measures the row. */
export function programOf(row: Row): string {
  return row.cost?.program ?? row.group;
}

/**
 * The rows that one of the words means: all of a group of that name, else those in whose names it occurs; all rows when there is
 * no word. A word that means nothing is returned instead.
 */
export function selectRows(words: readonly string[]): readonly Row[] | string {
  const selected = new Set<Row>();
  for (const word of words) {
    if (word === '') return word;
    const wanted = word.toLowerCase();
    const byGroup = ROWS.filter((row) => row.group === wanted);
    const found = byGroup.length > 0 ? byGroup : ROWS.filter((row) => row.name.toLowerCase().includes(wanted));
    if (found.length === 0) return word;
    for (const row of found) selected.add(row);
  }
  return words.length === 0 ? ROWS : ROWS.filter((row) => selected.has(row));
}
