// SPDX-License-Identifier: MIT
/** What programs find in their environment when nothing else is asked for: root's, as /sbin/session sets it. */
export const defaultEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  USER: 'root',
  LOGNAME: 'root',
  SHELL: '/bin/sh',
  LANG: 'C.UTF-8',
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of a and, before them, of b; undefined takes one away. */
export function merged(...environments: (Environment | undefined)[]): Record<string, string> {
  const all: Record<string, string | undefined> = Object.assign({}, defaultEnvironment, ...environments);
  const defined = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  for (const [name] of defined) {
    if (name === '' || name.includes('=')) throw new TypeError(`"${name}" is not the name of an environment variable`);
  }
  return Object.fromEntries(defined);
}
