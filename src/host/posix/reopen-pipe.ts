// SPDX-License-Identifier: MIT
/** Pipes that other processes have too. Called by ../node/standard-streams.ts. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * A pipe opened once more. libuv makes the pipes it uses non-blocking, and that is a property of the open file, which
 * other processes may share (`(wasmlinux run a & b) | c`): they would see EAGAIN. Undefined when it isn't a pipe, is
 * another user's, or when this system has no /proc.
 */
export function reopenPipe(descriptor: number, access: 'readable' | 'writable'): Socket | undefined {
  if (!fstatSync(descriptor).isFIFO()) return undefined;
  const readable = access === 'readable';
  const mode = (readable ? constants.O_RDONLY : constants.O_WRONLY) | constants.O_NONBLOCK;
  let own: number;
  try {
    own = openSync(`/proc/self/fd/${descriptor}`, mode);
  } catch {
    return undefined;
  }
  try {
    if (fstatSync(own).isFIFO()) return new Socket({ fd: own, readable, writable: !readable });
  } catch {
    // Deno makes no sockets of descriptors.
  }
  closeSync(own);
  return undefined;
}
