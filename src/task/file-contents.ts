// SPDX-License-Identifier: MIT
/** Whole files through a task's buffer, in and out. Each piece costs a call; it is so small that it stays in the processor's cache. */
import { read, stat, write, writeFrom } from './file-calls.ts';
import type { HostTask } from './host-task.ts';

/** What the file has from where it stands to its end, in a buffer of its own. */
export async function readWhole(
  task: HostTask,
  descriptor: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieceBytes = task.bufferBytes;
  let length = await read(task, descriptor, pieceBytes);
  let whole = new Uint8Array(task.bytes.subarray(task.buffer, task.buffer + length));
  if (length === 0) return whole;
  // A file of /proc gives less than there is: only nothing is the end.
  if (length === pieceBytes) whole = grown(whole, Math.max(length, (await stat(task, descriptor, true)).size));
  for (;;) {
    signal?.throwIfAborted();
    const count = await read(task, descriptor, pieceBytes);
    if (count === 0) return length === whole.length ? whole : new Uint8Array(whole.buffer.transfer(length));
    if (length + count > whole.length) whole = grown(whole, Math.max(length + count, 2 * length));
    whole.set(task.bytes.subarray(task.buffer, task.buffer + count), length);
    length += count;
  }
}

function grown(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.buffer.transfer(length));
}

/** Writes all bytes, from a position or from where the file stands. */
export async function writeWhole(
  task: HostTask,
  descriptor: number,
  bytes: Uint8Array,
  position?: number,
  signal?: AbortSignal,
): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    signal?.throwIfAborted();
    const piece = bytes.subarray(at, at + task.bufferBytes);
    at += await write(task, descriptor, piece, position === undefined ? undefined : position + at);
  }
}

/** From one open file to the other, from where they stand. */
export async function copyWhole(task: HostTask, from: number, to: number, signal?: AbortSignal): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const length = await read(task, from, task.bufferBytes);
    if (length === 0) return;
    // It lies where it is written from.
    const { buffer } = task;
    for (let at = 0; at < length; ) at += await writeFrom(task, to, buffer + at, length - at);
  }
}
