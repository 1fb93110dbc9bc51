// SPDX-License-Identifier: MIT
/**
 * `npm run bench`: builds what it needs, measures, shows the table and keeps the results in build/bench.json. Called by
 * src/build/cli.ts; README.md of this folder says how it is put together.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { benchBusybox } from '../src/build/bench-busybox.ts';
import { nativeShells } from '../src/build/native-shells.ts';
import { benchPrograms } from '../src/build/bench-programs.ts';
import { buildCommand } from '../src/build/command.ts';
import { libc } from '../src/build/libc.ts';
import { libcxx } from '../src/build/libcxx.ts';
import { lastOutput } from '../src/build/last-output.ts';
import { page } from '../src/build/page.ts';
import { packageStep } from '../src/build/package.ts';
import { Progress } from '../src/build/progress.ts';
import { nativePrograms, realPrograms } from '../src/build/real/steps.ts';
import { root } from '../src/build/root.ts';
import { bootTargets } from '../src/build/steps.ts';
import type { Step } from '../src/build/step.ts';
import { STATUS_USAGE, UsageError } from '../src/cli/usage-error.ts';
import { aboutThisRun } from './about.ts';
import { type BenchRequest, parseBench, usage } from './arguments.ts';
import { measureBootRows } from './boot-rows.ts';
import { regressions } from './compare.ts';
import { checkDocument, updateDocument } from './document.ts';
import { measureCompilerRows } from './compiler-rows.ts';
import { measureDownloadRows } from './download-rows.ts';
import { measureLibraryRows } from './library-rows.ts';
import { measureProgramRows, type OnRow } from './program-rows.ts';
import { measurePromptRows } from './prompt-rows.ts';
import { type Measurement, makeResults, type Results, readResults } from './results.ts';
import {
  COMPILER_ROWS,
  DOWNLOAD_GROUP,
  isProgramRow,
  LIBRARY_ROWS,
  Outside,
  programOf,
  ROWS,
  type Row,
} from './rows.ts';
import { SessionError } from './session.ts';
import { markdownTable, textTable } from './table.ts';

/** A part of the run, which tells before each row how far it is. */
interface Part {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly run: (rows: readonly Row[], onRow: OnRow) => Promise<readonly Measurement[]>;
}

const STATUS_WORSE = 1;
const STATUS_FAILED = 1;

/** Does what the arguments say; resolves to the exit status. */
export async function bench(args: readonly string[]): Promise<number> {
  try {
    const request = parseBench(args);
    if (request === 'help') {
      process.stdout.write(usage);
      return 0;
    }
    return await carryOut(request);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    if (!isUsage && !(error instanceof SessionError)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    return isUsage ? STATUS_USAGE : STATUS_FAILED;
  }
}

async function carryOut(request: BenchRequest): Promise<number> {
  // What can't be read or written is better known before the minutes of measuring.
  const before = request.compare === undefined ? undefined : readResults(request.compare);
  if (request.markdown !== undefined) checkDocument(request.markdown);
  if (request.json !== undefined && !existsSync(dirname(request.json))) {
    throw new UsageError(`--json ${request.json}: no such folder`);
  }
  // So that what has been begun is ended in order, by listeners of `exit`.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
  let results: Results;
  if (request.from !== undefined) results = readResults(request.from);
  else {
    const status = await buildCommand(targetsOf(request.rows));
    if (status !== 0) return status;
    results = await measure(request);
    // A part of it does not replace the whole.
    if (request.rows.length === ROWS.length) keep(join(root, 'build', 'bench.json'), results);
  }
  if (request.json !== undefined) keep(request.json, results);
  if (request.markdown !== undefined) updateDocument(request.markdown, markdownTable(results));
  process.stdout.write(textTable(results, before));
  const worse = before ? regressions(results, before) : [];
  if (worse.length === 0) return 0;
  process.stderr.write(`bench: worse than in ${request.compare}: ${worse.map(({ name }) => name).join('; ')}\n`);
  return STATUS_WORSE;
}

/** Whether the row runs busybox or the shells of this machine natively. */
function needsBusybox(row: Row): boolean {
  return row.group === 'processes' || row === Outside.idleProcess;
}

function targetsOf(rows: readonly Row[]): Step[] {
  const isDownload = (row: Row): boolean => row.group === DOWNLOAD_GROUP;
  const isReal = (row: Row): boolean => programOf(row) === 'real';
  return [
    ...bootTargets,
    benchPrograms,
    ...(rows.some(needsBusybox) ? [benchBusybox] : []),
    ...(rows.some(isReal) ? realPrograms : []),
    ...(rows.some((row) => row.group === 'real') ? nativePrograms : []),
    ...(rows.some((row) => needsBusybox(row) || row.group === 'real') ? [nativeShells] : []),
    ...(rows.some((row) => COMPILER_ROWS.includes(row)) ? [libcxx] : []),
    ...(rows.some((row) => row.group === LIBRARY_ROWS.boot.group) ? [packageStep] : []),
    ...(rows.some(isDownload) ? [page] : []),
  ];
}

async function measure({ rows, rounds }: BenchRequest): Promise<Results> {
  const about = aboutThisRun();
  const command = join(root, 'wasmlinux');
  const kernel = join(built('kernel'), 'vmlinux.wasm');
  const initramfs = join(built('image'), 'initramfs.cpio');
  const programs = built(benchPrograms.name);
  const busybox = rows.some(needsBusybox) ? built(benchBusybox.name) : '';
  const targets = targetsOf(rows);
  const outputsOf = (steps: readonly Step[]): string[] =>
    steps.filter((step) => targets.includes(step)).map((step) => built(step.name));
  const [shells = ''] = outputsOf([nativeShells]);
  const real = {
    native: outputsOf([...nativePrograms, nativeShells]),
    guest: outputsOf(realPrograms),
    workloads: join(root, 'bench', 'workloads'),
  };
  const promptRows: readonly Row[] = [Outside.resident, Outside.idleProcess, Outside.idle];
  const all: readonly Part[] = [
    {
      title: 'boot',
      rows: rows.filter((row) => row.group === Outside.prompt.group),
      run: (wanted, onRow) => measureBootRows(wanted, rounds, { command, kernel, initramfs, programs }, onRow),
    },
    {
      title: 'native and guest in turn',
      rows: rows.filter(isProgramRow),
      run: (wanted, onRow) => measureProgramRows(wanted, rounds, { command, programs, busybox, shells, real }, onRow),
    },
    {
      title: 'at the prompt',
      rows: rows.filter((row) => promptRows.includes(row)),
      run: (wanted, onRow) => measurePromptRows(wanted, rounds, command, busybox, onRow),
    },
    {
      title: 'compiler',
      rows: rows.filter((row) => COMPILER_ROWS.includes(row)),
      run: (wanted, onRow) =>
        measureCompilerRows(wanted, rounds, { libc: built(libc.name), cxx: built(libcxx.name) }, onRow),
    },
    {
      title: 'library',
      rows: rows.filter((row) => row.group === LIBRARY_ROWS.boot.group),
      run: (wanted, onRow) => measureLibraryRows(wanted, rounds, built(packageStep.name), onRow),
    },
    {
      title: 'download',
      rows: rows.filter((row) => row.group === DOWNLOAD_GROUP),
      run: (wanted, onRow) => measureDownloadRows(wanted, built(page.name), onRow),
    },
  ];
  const parts = all.filter((part) => part.rows.length > 0);
  const progress = new Progress(process.stderr, parts.length);
  const measured: Measurement[] = [];
  for (const [i, part] of parts.entries()) {
    progress.begin(i + 1, part.title);
    measured.push(...(await part.run(part.rows, (done, total, name) => progress.update(done, total, name))));
    progress.end();
  }
  const byName = new Map(measured.map((row) => [row.name, row]));
  const inOrder = ROWS.map((row) => byName.get(row.name)).filter((row) => row !== undefined);
  return makeResults(about, inOrder);
}

function built(step: string): string {
  const folder = lastOutput(root, step);
  if (!folder) throw new Error(`the step ${step} has no output`);
  return folder;
}

function keep(path: string, results: Results): void {
  writeFileSync(path, `${JSON.stringify(results, undefined, 1)}\n`);
}
