// SPDX-License-Identifier: MIT
/**
 * The process's own standard streams as the main thread uses them: sources that are read only on demand and sinks that
 * say when bytes have left the process. Files, pipes, sockets, terminals and closed descriptors all look alike.
 */
import { closeSync, constants, createReadStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { InputSource, OutputSink } from '../worker/streams.ts';

/** Standard input. It is opened at the first read: what the guest never asks for stays where it is. */
export function standardInput(): InputSource {
  let chunks: AsyncIterator<Uint8Array> | undefined;
  return {
    async read() {
      chunks ??= openInput()[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
      const next = await chunks.next();
      return next.done ? null : next.value;
    },
  };
}

function openInput(): Readable {
  const own = reopenPipe(0, constants.O_RDONLY);
  if (own !== undefined) return new Socket({ fd: own, readable: true, writable: false });
  // Node takes a folder for an empty input.
  return fstatSync(0).isDirectory() ? createReadStream('', { fd: 0, autoClose: false }) : process.stdin;
}

/** Standard output (1) or error (2). */
export function standardOutput(descriptor: 1 | 2): OutputSink {
  const own = reopenPipe(descriptor, constants.O_WRONLY);
  if (own !== undefined) return streamSink(new Socket({ fd: own, readable: false, writable: true }), descriptor);
  return streamSink(descriptor === 1 ? process.stdout : process.stderr, descriptor);
}

/** A sink over a stream; `descriptor` names the file behind it. */
export function streamSink(stream: Writable, descriptor: number): OutputSink {
  // Failures are reported by the write they belong to.
  stream.on('error', () => {});
  const { dev, ino } = fstatSync(descriptor);
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    lane: `${dev}:${ino}`,
  };
}

/**
 * A pipe opened once more. libuv makes the pipes it uses non-blocking, and that is a property of the open file, which
 * other processes may share (`(wasmlinux run a & b) | c`): they would see EAGAIN. Undefined when it isn't a pipe, or is
 * another user's.
 */
function reopenPipe(descriptor: number, mode: number): number | undefined {
  if (!fstatSync(descriptor).isFIFO()) return undefined;
  let own: number;
  try {
    own = openSync(`/proc/self/fd/${descriptor}`, mode | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  if (fstatSync(own).isFIFO()) return own;
  closeSync(own);
  return undefined;
}
