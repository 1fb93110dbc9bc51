// SPDX-License-Identifier: MIT
/**
 * Applies a fragment, the few lines in which a configuration differs from a default one, to a Kconfig .config file. Lines are
 * `CONFIG_NAME=value` or `# CONFIG_NAME is not set`; everything else is a comment.
 */

const setting = /^(?:# )?(CONFIG_\w+)(?:=.*| is not set)$/;

function settings(config: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of config.split('\n')) {
    const name = setting.exec(line)?.[1];
    if (name !== undefined) found.set(name, line);
  }
  return found;
}

/** The configuration with the fragment's lines in place of its own for the same names. */
export function applyFragment(config: string, fragment: string): string {
  const changes = settings(fragment);
  const kept = config.split('\n').filter((line) => !changes.has(setting.exec(line)?.[1] ?? ''));
  return `${[...kept.filter((line) => line !== ''), ...changes.values()].join('\n')}\n`;
}

/** The fragment's lines that a finished configuration does not have: misspelled, or overruled by a dependency. */
export function unheldLines(config: string, fragment: string): string[] {
  const held = settings(config);
  return [...settings(fragment)].filter(([name, line]) => held.get(name) !== line).map(([, line]) => line);
}
