// SPDX-License-Identifier: MIT
/** A failure of the host's as the guest's system call reports it. Called by machine-client.ts. */
import { Errno } from '../../machine/devices.ts';
import { errorNumbers } from '../../trace/errors.ts';

/** By the error's name, which is the same everywhere; its number is the host's own, which on Linux alone is the guest's. */
export function hostErrno(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return errorNumbers.get(code) ?? Errno.EIO;
}
