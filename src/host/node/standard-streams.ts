// SPDX-License-Identifier: MIT
/**
 * The process's own standard streams as the main thread uses them: sources that are read only on demand and sinks that
 * say when bytes have left the process. Files, pipes, sockets, terminals and closed descriptors all look alike.
 */
import { createReadStream, fstatSync, type Stats } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { reopenPipe } from '../posix/reopen-pipe.ts';
import type { InputSource, OutputSink } from '../worker/streams.ts';

const isPosix = process.platform !== 'win32';

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
  const own = isPosix && reopenPipe(0, 'readable');
  if (own) return own;
  // Node takes a folder for an empty input.
  return statusOf(0)?.isDirectory() ? createReadStream('', { fd: 0, autoClose: false }) : process.stdin;
}

/** Standard output (1) or error (2). */
export function standardOutput(descriptor: 1 | 2): OutputSink {
  const own = isPosix && reopenPipe(descriptor, 'writable');
  if (own) return streamSink(own, descriptor);
  return streamSink(descriptor === 1 ? process.stdout : process.stderr, descriptor);
}

/** A sink over a stream; `descriptor` names the file behind it. */
export function streamSink(stream: Writable, descriptor: number): OutputSink {
  // Failures are reported by the write they belong to.
  stream.on('error', () => {});
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    lane: laneOf(descriptor),
  };
}

/** Two descriptors of one file are one lane. On Windows pipes and consoles have no number: theirs is a lane each. */
function laneOf(descriptor: number): string {
  const status = statusOf(descriptor);
  return status?.ino ? `${status.dev}:${status.ino}` : `descriptor ${descriptor}`;
}

/** Undefined for what fstat does not know: a console of Windows. */
function statusOf(descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    return undefined;
  }
}
