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

  constructor(errno: number, syscall: string, path?: string) {
    const code = errorName(errno);
    super(`${code}: ${errorText(errno)}, ${syscall}${path === undefined ? '' : ` '${path}'`}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
    this.path = path;
  }
}
