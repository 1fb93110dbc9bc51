// SPDX-License-Identifier: MIT
/** Puts what system calls point to into a task's buffer: bytes, words, NUL-terminated strings and vectors of them. */
import type { HostTask } from './host-task.ts';
import { LinuxError } from './linux-error.ts';

const E2BIG = 7;
const WORD = 4;

/** Fills a task's buffer from its beginning; what it has put is valid until the next one is made. Throws E2BIG when it is full. */
export class BufferWriter {
  readonly #task: HostTask;
  readonly #encoder = new TextEncoder();
  #at: number;

  constructor(task: HostTask) {
    this.#task = task;
    this.#at = task.buffer;
  }

  /** The address of n bytes that are free, aligned to a word. */
  reserve(bytes: number): number {
    const address = this.#at;
    const end = address + Math.ceil(bytes / WORD) * WORD;
    if (end > this.#task.buffer + this.#task.bufferBytes) throw new LinuxError(E2BIG, 'execve');
    this.#at = end;
    return address;
  }

  /** The bytes' address. */
  bytes(bytes: Uint8Array): number {
    const address = this.reserve(bytes.length);
    this.#task.bytes.set(bytes, address);
    return address;
  }

  /** Throws TypeError when it can't be one of Linux. */
  string(text: string): number {
    if (text.includes('\0'))
      throw new TypeError(`${JSON.stringify(text)} has a NUL in it, which no Linux string can have`);
    return this.bytes(this.#encoder.encode(`${text}\0`));
  }

  words(words: readonly number[]): number {
    const address = this.reserve(words.length * WORD);
    const { buffer, byteOffset } = this.#task.bytes;
    const view = new DataView(buffer, byteOffset);
    for (const [index, word] of words.entries()) view.setInt32(address + index * WORD, word, true);
    return address;
  }

  /** A vector of strings with a null pointer at its end, as execve has it. */
  vector(strings: readonly string[]): number {
    return this.words([...strings.map((string) => this.string(string)), 0]);
  }
}

/** Puts the arguments of execve into the task's buffer; their addresses. */
export function putStrings(
  task: HostTask,
  path: string,
  argv: readonly string[],
  env: readonly string[],
): { readonly path: number; readonly argv: number; readonly envp: number } {
  const writer = new BufferWriter(task);
  return { path: writer.string(path), argv: writer.vector(argv), envp: writer.vector(env) };
}
