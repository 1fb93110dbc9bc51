// SPDX-License-Identifier: MIT
/** Runs a program to its end: input in, output out, within limits. One request of the library. */
import { LinuxError } from './linux-error.ts';
import { type ConfinedProgram, type Confinement, spawnConfined } from './confined.ts';
import type { ResourceLimits } from './resource-group.ts';
import type { SpawnRequest } from './spawn.ts';
import type { Streams } from './streams.ts';
import type { TaskPool } from './task-pool.ts';
import type { WaitStatus } from './wait-status.ts';

/** Bytes of standard output and of standard error that are kept when nothing else is said. */
const OUTPUT_BYTES = 64 << 20;
const EPIPE = 32;

export interface RunLimits extends ResourceLimits {
  /** Bytes of standard output and standard error together: who writes more is killed. Default 64 MiB. */
  readonly output?: number;
}

export interface RunRequest extends Pick<SpawnRequest, 'argv' | 'env' | 'cwd' | 'uid' | 'gid' | 'groups'>, Confinement {
  /** Its standard input; without it there is none. */
  readonly stdin?: Uint8Array;
  readonly limits?: RunLimits;
}

export interface RunOutcome extends WaitStatus {
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly stderr: Uint8Array<ArrayBuffer>;
  /** Its time was over. */
  readonly timedOut: boolean;
  /** It wrote more than it may; what there is, is the beginning. */
  readonly truncated: boolean;
}

/**
 * Resolves when the program has ended and nobody has its output open any more. An abort kills all that it has started, and
 * rejects with the signal's reason. Throws LinuxError when the program can't be started.
 */
export async function run(
  pool: TaskPool,
  streams: Streams,
  request: RunRequest,
  signal?: AbortSignal,
): Promise<RunOutcome> {
  signal?.throwIfAborted();
  const stdio = [request.stdin ? 'pipe' : 'null', 'pipe', 'pipe'] as const;
  const program = await spawnConfined(pool, { ...request, stdio }, request);
  try {
    return await finish(streams, request, program, signal);
  } finally {
    await program.release();
  }
}

async function finish(
  streams: Streams,
  request: RunRequest,
  program: ConfinedProgram,
  signal: AbortSignal | undefined,
): Promise<RunOutcome> {
  const { exited, pipes } = program.process;
  const stop = new AbortController();
  const kill = (): void => {
    program.kill();
    // Who is not reached has the output open for ever.
    if (!program.isConfined) stop.abort();
  };
  signal?.addEventListener('abort', kill);
  if (signal?.aborted) kill();
  const output = new OutputLimit(request.limits?.output ?? OUTPUT_BYTES, kill);
  try {
    const [status, stdout, stderr] = await Promise.all([
      exited,
      collect(streams, pipes[1], output, stop.signal),
      collect(streams, pipes[2], output, stop.signal),
      feed(streams, pipes[0], request.stdin, stop.signal),
    ]);
    signal?.throwIfAborted();
    return { ...status, stdout, stderr, timedOut: program.timedOut, truncated: output.isExceeded };
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}

/** How much may still be written. */
class OutputLimit {
  isExceeded = false;
  #left: number;
  readonly #exceeded: () => void;

  constructor(bytes: number, exceeded: () => void) {
    this.#left = bytes;
    this.#exceeded = exceeded;
  }

  /** What is kept of these bytes. */
  take(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const kept = bytes.subarray(0, this.#left);
    this.#left -= kept.length;
    if (kept.length < bytes.length && !this.isExceeded) {
      this.isExceeded = true;
      this.#exceeded();
    }
    return kept;
  }
}

async function collect(
  streams: Streams,
  pipe: number | undefined,
  limit: OutputLimit,
  stop: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (pipe === undefined) return new Uint8Array();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  try {
    for (let part = await streams.read(pipe, stop); part.length > 0; part = await streams.read(pipe, stop))
      parts.push(limit.take(part));
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    await streams.close(pipe);
  }
  return parts.length === 1 && parts[0] ? parts[0] : joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Who does not read its input to the end is no failure. */
async function feed(
  streams: Streams,
  pipe: number | undefined,
  input: Uint8Array | undefined,
  stop: AbortSignal,
): Promise<void> {
  if (pipe === undefined || !input) return;
  try {
    await streams.write(pipe, input, stop);
  } catch (error) {
    if (!stop.aborted && !(error instanceof LinuxError && error.errno === EPIPE)) throw error;
  } finally {
    await streams.close(pipe);
  }
}
