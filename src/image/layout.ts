// SPDX-License-Identifier: MIT
/**
 * What the root file system has beside the files of programs/base/root: empty folders, links, owners and permissions that git
 * does not keep. The layout is the one of the Filesystem Hierarchy Standard, as far as there is something to put there.
 */
import { type CpioEntry, characterDevice, directory, symbolicLink } from './cpio.ts';

/** The account of /etc/passwd for people who want not to be root. */
const user = { uid: 1000, gid: 1000 };

/** The kernel opens it for init before anything is mounted. */
const console = characterDevice('dev/console', 0o600, 5, 1);

/** In order: a folder comes before what lies in it. */
export const layout: readonly CpioEntry[] = [
  // The kernel's root file system is a tmpfs, where anyone may write.
  directory('.'),
  ...['bin', 'dev', 'etc', 'home', 'mnt', 'proc', 'run', 'sbin', 'sys', 'usr', 'var'].map((path) => directory(path)),
  directory('root', 0o700),
  directory('home/user', 0o755, user),
  directory('tmp', 0o1777),
  ...['bin', 'lib', 'local', 'sbin', 'share'].map((path) => directory(`usr/${path}`)),
  ...['bin', 'sbin'].map((path) => directory(`usr/local/${path}`)),
  directory('usr/share/udhcpc'),
  ...['cache', 'lib', 'lib/misc', 'log', 'mail', 'spool', 'spool/cron', 'spool/cron/crontabs', 'www'].map((path) =>
    directory(`var/${path}`),
  ),
  directory('var/tmp', 0o1777),
  symbolicLink('var/run', '/run'),
  directory('run/lock', 0o1777),
  symbolicLink('var/lock', '/run/lock'),
  symbolicLink('etc/mtab', '/proc/self/mounts'),

  console,

  // What /etc/init.d/rcS copies to /dev: a devtmpfs has only the devices.
  directory('usr/lib/dev'),
  ...['pts', 'shm', 'mqueue'].map((path) => directory(`usr/lib/dev/${path}`)),
  symbolicLink('usr/lib/dev/fd', '/proc/self/fd'),
  symbolicLink('usr/lib/dev/stdin', '/proc/self/fd/0'),
  symbolicLink('usr/lib/dev/stdout', '/proc/self/fd/1'),
  symbolicLink('usr/lib/dev/stderr', '/proc/self/fd/2'),
];

/** What programs/session/root.c needs beside itself, in a machine with another root. */
export const rootBootLayout: readonly CpioEntry[] = [directory('.'), directory('dev'), console];

/** Permissions of files of programs/base/root for which 644, or 755 when executable, is wrong. */
export const permissions: Readonly<Record<string, number>> = {
  'etc/shadow': 0o600,
};
