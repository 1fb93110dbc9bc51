// SPDX-License-Identifier: MIT
/**
 * Runs a module that forks without a kernel, for tests of src/wasm/fork-capture.ts: natively, where fork just returns, and
 * made forkable, where all frames are left at each fork and come back. Both must do the same.
 */

import { FRAMES_PAGES } from '../../src/wasm/frames-memory.ts';

export interface Outcome {
  /** What it has logged, and the results of its forks between. */
  readonly log: readonly string[];
  /** What `run` has returned, or how it has ended. */
  readonly end: string;
  readonly number: number;
  readonly memory: Uint8Array;
  readonly forks: number;
}

type Run = (a: number, b: bigint) => number;

/** A fork's result: some are children's. */
const resultOf = (fork: number): number => (fork % 3 === 0 ? 0 : 100 + fork);

type Ended = Omit<Outcome, 'forks'>;

function outcome(
  log: readonly string[],
  memory: WebAssembly.Memory,
  exports: WebAssembly.Exports,
  call: (run: Run) => number,
): Ended {
  const { run, number } = exports;
  let end: string;
  try {
    end = `returned ${call(run as Run)}`;
  } catch (error) {
    // the message of a trap, the class of an exception
    end = error instanceof WebAssembly.RuntimeError ? error.message : (error as Error).constructor.name;
  }
  const { value } = number as WebAssembly.Global;
  return { log, end, number: value as number, memory: new Uint8Array(memory.buffer).slice(0, 65536) };
}

/** A page for the program, and one more, for passes that want one. */
const MEMORY = { initial: 2, maximum: 16 };

/** shared: its memory is. */
export function runNatively(bytes: Uint8Array<ArrayBuffer>, { shared = false } = {}): Outcome {
  const log: string[] = [];
  let forks = 0;
  const memory = new WebAssembly.Memory({ ...MEMORY, shared });
  const fork = (): number => {
    log.push(`fork ${resultOf(forks)}`);
    return resultOf(forks++);
  };
  const env = { memory, fork, wasmlinux_fork: fork, log: (value: number) => log.push(`${value}`) };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
  const result = outcome(log, memory, exports, (run) => run(7, 8n));
  return { ...result, forks };
}

/** What can be seen of a module that was made forkable, beside its outcome. */
export interface Trace {
  /** How often it has polled. */
  polls: number;
  /** Its second page. */
  secondPage: Uint8Array;
}

/** Units of work between polls: few, so that there are many. */
const BUDGET = 20;

/** The same of a module that was made forkable; `trace` is filled in. */
export function runForkable(bytes: Uint8Array<ArrayBuffer>, trace?: Trace): Outcome {
  const log: string[] = [];
  let forks = 0;
  let polls = 0;
  const memory = new WebAssembly.Memory(MEMORY);
  const frames = new WebAssembly.Memory({ initial: FRAMES_PAGES, maximum: FRAMES_PAGES });
  const words = new Uint32Array(frames.buffer);
  const call = (name: string): number => (exports[`asyncify_${name}`] as (at?: number) => number)(0);
  const fork = (): number => {
    if (call('get_state') === 2) {
      call('stop_rewind');
      if (words[0] !== 8) throw new Error(`${words[0]} bytes of frames are left`);
      log.push(`fork ${resultOf(forks)}`);
      return resultOf(forks++);
    }
    words.set([8, frames.buffer.byteLength]);
    call('start_unwind');
    return 12345;
  };
  const poll = (): number => {
    polls++;
    return BUDGET;
  };
  const env = {
    ...{ memory, fork, log: (value: number) => log.push(`${value}`), wasmlinux_frames: frames },
    ...{ wasmlinux_fork: fork, wasmlinux_preempt: poll },
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
  const result = outcome(log, memory, exports, (run) => {
    let value = run(7, 8n);
    while (call('get_state') === 1) {
      call('stop_unwind');
      call('start_rewind');
      value = run(0, 0n);
    }
    return value;
  });
  if (trace) Object.assign(trace, { polls, secondPage: new Uint8Array(memory.buffer, 65536, 65536) });
  return { ...result, forks };
}
