// SPDX-License-Identifier: MIT
/** What is made of the step `package`: the tarball that is published, and docs/reference.md. Called by cli.ts and the tests. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastOutput } from './last-output.ts';
import { reference } from './reference.ts';
import { root } from './root.ts';

/** The budget, in bytes: what anybody downloads who installs it. */
export const MOST_PACKED = 6e6;

/** The folder that was made last. */
function packageFolder(): string {
  const folder = lastOutput(root, 'package');
  if (folder === undefined) throw new Error('the package is not built: ./wasmlinux build package');
  return folder;
}

export interface Packed {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly files: readonly string[];
}

/** Has npm make the tarball, in `folder`. */
export function pack(folder: string): Packed {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const printed = execFileSync('npm', args, {
    cwd: packageFolder(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename, size, files }] = JSON.parse(printed) as [
    { filename: string; size: number; files: readonly { path: string }[] },
  ];
  return { path: join(folder, filename), size, files: files.map(({ path }) => path) };
}

/** What docs/reference.md must be. */
export function currentReference(): string {
  const types = join(packageFolder(), 'dist/types');
  const files = globSync('**/*.d.ts', { cwd: types }).sort();
  return reference(new Map(files.map((path) => [path, readFileSync(join(types, path), 'utf8')])), 'index.d.ts');
}

/** `npm run package`; the exit status. */
export async function packCommand(): Promise<number> {
  const { path, size } = pack(join(root, 'build'));
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(`${path}: ${megabytes(size)}`);
  if (size <= MOST_PACKED) return 0;
  console.error(`It is larger than ${megabytes(MOST_PACKED)}.`);
  return 1;
}

/** `npm run reference`; the exit status. */
export async function referenceCommand(): Promise<number> {
  writeFileSync(join(root, 'docs/reference.md'), currentReference());
  return 0;
}
