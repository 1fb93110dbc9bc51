// SPDX-License-Identifier: MIT
/** Measures a machine that waits at its prompt: memory, processor time, and what a sleeping process costs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pty } from '../tests/harness/pty.ts';
import type { OnRow } from './program-rows.ts';
import { type Measurement, measurement } from './results.ts';
import { Outside, type Row } from './rows.ts';

const PROMPT = /# $/;
/** Milliseconds after which what a start has left to do in the background is done. */
const SETTLE = 6000;
/** Milliseconds of one round of watching. */
const WATCH = 1000;
const PROCESSES = 100;

/** Measures rows about a machine at its prompt. `busybox` is the output of the step benchBusybox. */
export async function measurePromptRows(
  rows: readonly Row[],
  rounds: number,
  command: string,
  busybox: string,
  onRow: OnRow,
): Promise<Measurement[]> {
  const wanted = new Set(rows);
  const result: Measurement[] = [];
  onRow(0, 1, 'a machine at its prompt');
  await using pty = await Pty.start(`echo pid=$$; exec '${command}'`);
  const pid = Number((await pty.waitFor(/pid=([0-9]+)/))[1]);
  await pty.waitFor(PROMPT);
  await sleep(SETTLE);
  const atPrompt = resident(pid);
  if (wanted.has(Outside.resident)) result.push(measurement(Outside.resident, [atPrompt], [await residentNode()]));
  if (wanted.has(Outside.idle)) {
    const parts: number[] = [];
    for (let round = 0; round < rounds; round++) {
      onRow(round, rounds, Outside.idle.name);
      parts.push(await processorPart(pid));
    }
    result.push(measurement(Outside.idle, [parts.reduce((sum, part) => sum + part, 0) / parts.length]));
  }
  if (wanted.has(Outside.idleProcess)) {
    pty.type(`for i in $(seq ${PROCESSES}); do sleep 1000 & done; echo begun: $(ps | grep -c '[s]leep 1000')\n`);
    await pty.waitFor(`begun: ${PROCESSES}`);
    await pty.waitFor(PROMPT);
    const each = (resident(pid) - atPrompt) / PROCESSES;
    result.push(measurement(Outside.idleProcess, [each], [await nativeIdleProcess(join(busybox, 'sleep'))]));
  }
  return result;
}

/** A line of a file of /proc/PID that counts kB, in bytes. */
function kilobytes(pid: number, file: string, name: string): number {
  const line = new RegExp(`^${name}:\\s*([0-9]+) kB`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
  return Number(line?.[1]) * 1024;
}

function resident(pid: number): number {
  return kilobytes(pid, 'status', 'VmRSS');
}

/** Nanoseconds of processor time that a process's threads have used so far. */
function processorTime(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );
}

async function processorPart(pid: number): Promise<number> {
  const before = processorTime(pid);
  const began = performance.now();
  await sleep(WATCH);
  return (processorTime(pid) - before) / ((performance.now() - began) * 1e6);
}

async function residentNode(): Promise<number> {
  const node = spawn(process.execPath, ['--eval', 'console.log(); setInterval(() => {}, 1e9)'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(node.stdout, 'data');
  const bytes = resident(node.pid ?? 0);
  node.kill();
  return bytes;
}

/** What a process has of its own, with its share of what processes of one program have in common. */
async function nativeIdleProcess(program: string): Promise<number> {
  const children: ChildProcess[] = [];
  for (let i = 0; i < PROCESSES; i++) children.push(spawn(program, ['1000'], { stdio: 'ignore' }));
  await Promise.all(children.map((child) => once(child, 'spawn')));
  const bytes = children.reduce((sum, { pid = 0 }) => sum + kilobytes(pid, 'smaps_rollup', 'Pss'), 0);
  for (const child of children) child.kill();
  return bytes / PROCESSES;
}
