// SPDX-License-Identifier: MIT
/**
 * Preloaded (node --import): from then on Node has only what it has on Windows, as far as this project could notice. No /proc, /dev or
 * /bin; no programs to run; no numbers of POSIX's own signals and errors; no users; fstat(2) fails for a console.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { isatty } from 'node:tty';

Object.defineProperty(process, 'platform', { value: 'win32' });
for (const name of ['getuid', 'geteuid', 'getgid', 'getegid', 'getgroups', 'setuid', 'setgid', 'umask'] as const) {
  Reflect.deleteProperty(process, name);
}

const error = (code: string): Error => Object.assign(new Error(`${code}: not on Windows`), { code, errno: -4058 });

/** Functions of a module, each put in place of the one that there is. */
function replace<T extends object>(module: T, functions: Readonly<Record<string, (real: never) => unknown>>): void {
  for (const [name, make] of Object.entries(functions)) {
    Reflect.set(module, name, make(Reflect.get(module, name) as never));
  }
}

const refuse = () => () => {
  throw error('ENOENT');
};
replace(childProcess, {
  spawn: refuse,
  spawnSync: refuse,
  exec: refuse,
  execFile: refuse,
  execFileSync: refuse,
  execSync: refuse,
});

const POSIX_PATH = /^\/(proc|dev|bin|sys|etc)\//;
const unlessPosix =
  (real: (...args: unknown[]) => unknown) =>
  (...args: unknown[]) => {
    if (typeof args[0] === 'string' && POSIX_PATH.test(args[0])) throw error('ENOENT');
    return real(...args);
  };
replace(fs, {
  openSync: unlessPosix,
  readFileSync: unlessPosix,
  statSync: unlessPosix,
  lstatSync: unlessPosix,
  fstatSync: (real: typeof fs.fstatSync) => (descriptor: number) => {
    if (isatty(descriptor)) throw error('EISDIR');
    const status = real(descriptor);
    if (status.isFIFO()) Object.assign(status, { ino: 0 });
    return status;
  },
});

/** uv_kill's and signal.h's of Windows. */
const SIGNALS = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGABRT',
  'SIGFPE',
  'SIGKILL',
  'SIGSEGV',
  'SIGTERM',
  'SIGWINCH',
];
const { signals, errno } = os.constants;
const without = (table: object, keep: readonly string[]) =>
  Object.fromEntries(Object.entries(table).filter(([name]) => keep.includes(name)));
Reflect.set(os, 'constants', { ...os.constants, signals: without(signals, SIGNALS), errno: without(errno, []) });
Reflect.set(
  fs,
  'constants',
  without(fs.constants, [
    'O_RDONLY',
    'O_WRONLY',
    'O_RDWR',
    'O_CREAT',
    'O_TRUNC',
    'O_EXCL',
    'O_APPEND',
    'F_OK',
    'R_OK',
    'W_OK',
    'X_OK',
  ]),
);

syncBuiltinESMExports();
