// SPDX-License-Identifier: MIT
/**
 * What the host asks of a machine that it boots: a small cpio archive that follows the initramfs and puts files under
 * /run/host. /sbin/session (programs/session/session.c) reads them; that file and this one are the two sides of the format.
 *
 *     argv          the command and its arguments, each NUL-terminated. Without this file: a login shell on the console
 *     env           NAME=value, each NUL-terminated: added to the session's own PATH, HOME, USER, SHELL, TERM and LANG
 *     cwd           the folder to start in, else the user's home
 *     user          the name of the user to be, else root
 *     tty           which of the descriptors 0, 1 and 2 are the console, as in "012"; the others are /dev/host/std*
 *     quiet         empty: no message of the day
 *     program.wasm  the program to run in place of one that argv[0] names
 */
import { type CpioEntry, cpioArchive, directory, file } from './cpio.ts';

export interface RunRequest {
  /** The command and its arguments; absent or empty: an interactive login shell. */
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute path in the guest. */
  readonly cwd?: string;
  /** A name of /etc/passwd. */
  readonly user?: string;
  /** Which of standard input (0), output (1) and error (2) are the console; the others are streams of the host. */
  readonly terminals?: readonly (0 | 1 | 2)[];
  /** Whether a login shell leaves out the message of the day. */
  readonly quiet?: boolean;
  /** A program that the guest's file system does not have: it is run under the name argv[0]. */
  readonly program?: Uint8Array;
}

/** The archive to append to the initramfs. Throws TypeError when a string has a NUL in it, or an env name an "=". */
export function runRequestArchive(request: RunRequest): Uint8Array {
  const entries: CpioEntry[] = [directory('run'), directory('run/host')];
  const add = (name: string, data: Uint8Array, permissions = 0o644): void => {
    entries.push(file(`run/host/${name}`, data, permissions));
  };
  if (request.argv !== undefined && request.argv.length > 0) add('argv', strings(request.argv));
  if (request.env !== undefined) add('env', strings(Object.entries(request.env).map(variable)));
  if (request.cwd !== undefined) add('cwd', text(request.cwd));
  if (request.user !== undefined) add('user', text(request.user));
  add('tty', text((request.terminals ?? []).join('')));
  if (request.quiet) add('quiet', text(''));
  if (request.program !== undefined) add('program.wasm', request.program, 0o755);
  return cpioArchive(entries);
}

function variable([name, value]: readonly [string, string]): string {
  if (name === '' || name.includes('=')) throw new TypeError(`"${name}" is not the name of an environment variable`);
  return `${name}=${value}`;
}

function strings(list: readonly string[]): Uint8Array {
  return new TextEncoder().encode(list.map((string) => `${withoutNul(string)}\0`).join(''));
}

function text(string: string): Uint8Array {
  return new TextEncoder().encode(withoutNul(string));
}

function withoutNul(string: string): string {
  if (string.includes('\0'))
    throw new TypeError(`${JSON.stringify(string)} has a NUL in it, which no Linux string can have`);
  return string;
}
