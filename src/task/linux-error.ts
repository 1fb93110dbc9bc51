// SPDX-License-Identifier: MIT
/** A system call that has failed: the errors of the library, too. */
import { errorName, errorText } from '../trace/errors.ts';

export class LinuxError extends Error {
  override readonly name = 'LinuxError';
  /** "ENOENT" */
  readonly code: string;
  /** Positive, asm-generic. */
  readonly errno: number;
  /** "openat" */
  readonly syscall: string;
  readonly path: string | undefined;
  /** The other path, of a call with two. */
  readonly dest: string | undefined;

  constructor(errno: number, syscall: string, path?: string, dest?: string) {
    const code = errorName(errno);
    const paths = [path, dest].filter((text) => text !== undefined).map((text) => `'${text}'`);
    super([`${code}: ${errorText(errno)}, ${syscall}`, paths.join(' -> ')].filter(Boolean).join(' '));
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
    this.path = path;
    this.dest = dest;
  }
}
