// SPDX-License-Identifier: MIT
/** Runs a program to its end: input in, output out, within limits. One request of the library. */
import { LinuxError } from './linux-error.ts';
import { ResourceGroup, type ResourceLimits } from './resource-group.ts';
import { spawn, type Spawned, type SpawnRequest } from './spawn.ts';
import type { Streams } from './streams.ts';
import { Syscall } from './syscall-numbers.ts';
import type { TaskPool } from './task-pool.ts';
import type { WaitStatus } from './wait-status.ts';

/** Milliseconds between SIGTERM and SIGKILL when the time is over. */
const GRACE = 1000;
/** Bytes of standard output and of standard error that are kept when nothing else is said. */
const OUTPUT_BYTES = 64 << 20;
const SIGKILL = 9;
const SIGTERM = 15;
const EPIPE = 32;

export interface RunLimits extends ResourceLimits {
  /** Bytes of standard output and standard error together: who writes more is killed. Default 64 MiB. */
  readonly output?: number;
}

export interface RunRequest extends Pick<SpawnRequest, 'argv' | 'env' | 'cwd' | 'uid' | 'gid' | 'groups'> {
  /** Its standard input; without it there is none. */
  readonly stdin?: Uint8Array;
  /** Milliseconds: then all that it has started gets SIGTERM, and a second later SIGKILL. */
  readonly timeout?: number;
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
  const { memory, processes, cpu } = request.limits ?? {};
  const limits = memory === undefined && processes === undefined && cpu === undefined ? undefined : request.limits;
  let group: ResourceGroup | undefined;
  const confine = async (pid: number): Promise<void> => {
    group = await ResourceGroup.make(pool, `run-${pid}`, limits ?? {});
    await group.add(pid);
  };
  try {
    const process = await spawn(pool, {
      ...request,
      stdio: [request.stdin ? 'pipe' : 'null', 'pipe', 'pipe'],
      ...(limits && { prepare: confine }),
    });
    return await finish(pool, streams, request, process, group, signal);
  } finally {
    await group?.remove();
  }
}

async function finish(
  pool: TaskPool,
  streams: Streams,
  request: RunRequest,
  { pid, exited, pipes }: Spawned,
  group: ResourceGroup | undefined,
  signal: AbortSignal | undefined,
): Promise<RunOutcome> {
  const kill = (number: number): void => {
    const killed =
      group && number === SIGKILL ? group.kill() : pool.use((task) => task.call(Syscall.kill, -pid, number));
    killed.catch(() => {});
  };
  const abort = (): void => kill(SIGKILL);
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  let timedOut = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  if (request.timeout !== undefined) {
    timer = setTimeout(() => {
      timedOut = true;
      kill(SIGTERM);
      timer = setTimeout(() => kill(SIGKILL), GRACE);
    }, request.timeout);
  }
  const output = new OutputLimit(request.limits?.output ?? OUTPUT_BYTES, abort);
  try {
    const [status, stdout, stderr] = await Promise.all([
      exited,
      collect(streams, pipes[1], output),
      collect(streams, pipes[2], output),
      feed(streams, pipes[0], request.stdin),
    ]);
    signal?.throwIfAborted();
    return { ...status, stdout, stderr, timedOut, truncated: output.isExceeded };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
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
): Promise<Uint8Array<ArrayBuffer>> {
  if (pipe === undefined) return new Uint8Array();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let part = await streams.read(pipe); part.length > 0; part = await streams.read(pipe))
    parts.push(limit.take(part));
  await streams.close(pipe);
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
async function feed(streams: Streams, pipe: number | undefined, input: Uint8Array | undefined): Promise<void> {
  if (pipe === undefined || !input) return;
  try {
    await streams.write(pipe, input);
  } catch (error) {
    if (!(error instanceof LinuxError && error.errno === EPIPE)) throw error;
  } finally {
    await streams.close(pipe);
  }
}
