// SPDX-License-Identifier: MIT
/** Opens and writes files of the pool's process. What a call moves is bounded by the task's buffer. */
import { BufferWriter } from './arguments.ts';
import { type HostTask, isError } from './host-task.ts';
import { LinuxError } from './linux-error.ts';
import { Syscall } from './syscall-numbers.ts';

export const AT_FDCWD = -100;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_NOCTTY = 0o400;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;

/** A call's result. Throws LinuxError when it is an errno. */
export async function checked(name: string, call: Promise<number>, path?: string): Promise<number> {
  const result = await call;
  if (isError(result)) throw new LinuxError(-result, name, path);
  return result;
}

/** Opens a file that exists. */
export async function openFile(task: HostTask, path: string, flags: number): Promise<number> {
  const name = new BufferWriter(task).string(path);
  return checked('openat', task.call(Syscall.openat, AT_FDCWD, name, flags, 0), path);
}

/** Writes all bytes, waiting for room. */
export async function writeAll(task: HostTask, descriptor: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const part = bytes.subarray(at, at + task.bufferBytes);
    task.bytes.set(part, task.buffer);
    at += await checked('write', task.call(Syscall.write, descriptor, task.buffer, part.length));
  }
}

/** Writes a file of /proc, /sys or /sys/fs/cgroup. */
export async function writeControl(task: HostTask, path: string, text: string): Promise<void> {
  const descriptor = await openFile(task, path, O_WRONLY | O_CLOEXEC);
  try {
    await writeAll(task, descriptor, new TextEncoder().encode(text));
  } catch (error) {
    throw error instanceof LinuxError ? new LinuxError(error.errno, error.syscall, path) : error;
  } finally {
    await task.call(Syscall.close, descriptor);
  }
}
