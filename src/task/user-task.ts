// SPDX-License-Identifier: MIT
/**
 * System calls by name, for tasks whose code is the library's user's: puts what arguments point to into the task's memory, and
 * takes out what the call has stored there.
 */
import { BufferWriter } from './arguments.ts';
import { type HostTask, isError } from './host-task.ts';
import { LinuxError } from './linux-error.ts';

/**
 * A number; a number of 64 bits (two arguments, the lower half first); a string, which becomes its NUL-terminated address; bytes,
 * which become the address of a copy; or room for bytes that the call stores.
 */
export type CallArgument = number | bigint | string | Uint8Array | { readonly out: number };

export interface CallResult {
  readonly result: number;
  /** For each `out`, in their order, all of its bytes. */
  readonly outs: readonly Uint8Array<ArrayBuffer>[];
}

/** Arguments that a system call has. */
const MOST_WORDS = 6;

export class UserTask {
  readonly #task: HostTask;
  /** The last call. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(task: HostTask) {
    this.#task = task;
  }

  /** Makes a call after those before it. Throws LinuxError; a TypeError when there is no such call, or it has too many arguments. */
  call(name: string, args: readonly CallArgument[], signal?: AbortSignal): Promise<CallResult> {
    const made = this.#last.then(() => this.#call(name, args, signal));
    this.#last = made.catch(() => {});
    return made;
  }

  /** When all calls have ended. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async #call(name: string, args: readonly CallArgument[], signal: AbortSignal | undefined): Promise<CallResult> {
    signal?.throwIfAborted();
    const number = await numberOf(name);
    const task = this.#task;
    const writer = new BufferWriter(task);
    const outs: { readonly address: number; readonly length: number }[] = [];
    const words = args.flatMap((argument) => {
      if (typeof argument === 'number') return [argument];
      if (typeof argument === 'bigint')
        return [Number(BigInt.asIntN(32, argument)), Number(BigInt.asIntN(32, argument >> 32n))];
      if (typeof argument === 'string') return [writer.string(argument)];
      if (argument instanceof Uint8Array) return [writer.bytes(argument)];
      const address = writer.reserve(argument.out);
      task.bytes.fill(0, address, address + argument.out);
      outs.push({ address, length: argument.out });
      return [address];
    });
    if (words.length > MOST_WORDS)
      throw new TypeError(`${name}: a system call has six words of arguments, not ${words.length}`);
    const cancel = (): void => task.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      const result = await task.call(number, ...words);
      if (isError(result)) {
        signal?.throwIfAborted();
        throw new LinuxError(
          -result,
          name,
          args.find((argument) => typeof argument === 'string'),
        );
      }
      const { bytes } = task;
      return {
        result,
        outs: outs.map(({ address, length }) => new Uint8Array(bytes.subarray(address, address + length))),
      };
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }
}

/** Loaded when first needed: it is large. */
let numbers: Promise<ReadonlyMap<string, number>> | undefined;

async function numberOf(name: string): Promise<number> {
  numbers ??= import('../trace/syscalls.ts').then(
    ({ syscalls }) => new Map(syscalls.map((call) => [call.name, call.nr])),
  );
  const number = (await numbers).get(name);
  if (number === undefined)
    throw new TypeError(`there is no system call "${name}"; they have the kernel's names, as openat and statx`);
  return number;
}
