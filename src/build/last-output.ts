// SPDX-License-Identifier: MIT
/**
 * Links to the outputs that the last build of a checkout made or found: <root>/build/out/<step>. The engine keeps them; the
 * command reads them where it can't wait for the engine to look whether they are up to date.
 */
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

function outputLink(root: string, stepName: string): string {
  return join(root, 'build', 'out', stepName);
}

/**
 * The output of a step's last build in this checkout, without asking whether it is up to date. Undefined when it was never
 * built here or is no longer in the cache.
 */
export function lastOutput(root: string, stepName: string): string | undefined {
  const link = outputLink(root, stepName);
  return existsSync(link) ? link : undefined;
}

/** Makes `output` the last output of the step, without a moment at which there is none. */
export function setLastOutput(root: string, stepName: string, output: string): void {
  const link = outputLink(root, stepName);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(`${link}.new`, { force: true });
  symlinkSync(output, `${link}.new`);
  renameSync(`${link}.new`, link);
}
