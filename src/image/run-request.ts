// SPDX-License-Identifier: MIT
/**
 * What the host asks of a machine that it boots: a small cpio archive that follows the initramfs and puts files under
 * /run/host. /sbin/session (programs/session/request.c) reads them; that file and this one are the two sides of the format.
 *
 *     argv          the command and its arguments, each NUL-terminated. Without this file: a login shell on the console
 *     env           NAME=value, each NUL-terminated: added to the session's own PATH, HOME, USER, SHELL, TERM and LANG
 *     cwd           the folder to start in, else the user's home
 *     user          who to be, as NAME, UID, or either with :GROUP or :GID, else root
 *     tty           which of the descriptors 0, 1 and 2 are the console, as in "012"; the others are /dev/host/std*
 *     deadline      milliseconds since the epoch (decimal): then the command gets SIGTERM, a login shell SIGHUP, and the status is 124
 *     root          what is to become the root file system: "tree" for the folder /root of the initramfs, or the type of the
 *                   file system in the file /image. Read by process 1 only (programs/session/root.c)
 *     quiet         empty: no message of the day
 *     tasks         empty: no command, but the first of the host's own tasks (src/task), in the place of argv and the rest
 *     program.wasm  the program to run in place of one that argv[0] names
 */
import { type CpioEntry, cpioArchive, directory, file } from './cpio.ts';

/** A tree of files, or the type of a file system in an image. */
export type RootType = 'tree' | 'ext4' | 'squashfs' | 'erofs';

export interface RunRequest {
  /** The command and its arguments; absent or empty: an interactive login shell. */
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute path in the guest. */
  readonly cwd?: string;
  /** NAME or UID of /etc/passwd, then perhaps a colon and GROUP or GID. */
  readonly user?: string;
  /** When the command is to be ended: milliseconds since the epoch. */
  readonly deadline?: number;
  /** What becomes the root file system of a machine that is booted with root-boot.cpio. */
  readonly root?: RootType;
  /** Which of standard input (0), output (1) and error (2) are the console; the others are streams of the host. */
  readonly terminals?: readonly (0 | 1 | 2)[];
  /** Whether a login shell leaves out the message of the day. */
  readonly quiet?: boolean;
  /** Whether the machine is to serve the host's own tasks, without a command. */
  readonly tasks?: boolean;
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
  if (request.deadline !== undefined) add('deadline', text(String(Math.round(request.deadline))));
  if (request.root !== undefined) add('root', text(request.root));
  if (request.quiet) add('quiet', text(''));
  if (request.tasks) add('tasks', text(''));
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
