// SPDX-License-Identifier: MIT
/**
 * The kernel's source tree as the builders see it: Debian's tree, with the patches of kernel/patches applied and arch/wasm
 * and the configuration laid over it. The steps of the kernel and of its headers call prepareLinuxTree(), each for the tree
 * in its own work folder.
 *
 * Only files whose content differs are written. kbuild compares times, so a changed patch or file rebuilds what depends on
 * it and nothing else.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sourceLinux } from './debian/source-linux.ts';
import { unpackLinux } from './debian/unpack-linux.ts';
import type { Input, StepContext } from './step.ts';

/** What of the checkout goes into the tree, for the inputs of a step that prepares one. */
export const linuxTreeInputs: readonly Input[] = [
  { path: 'kernel/patches' },
  { path: 'kernel/arch' },
  { path: 'kernel/wasmlinux.config' },
  { path: 'src/build/linux-tree.ts' },
];

/** Unpacks and updates the tree in the step's work folder; its path. */
export async function prepareLinuxTree(context: StepContext): Promise<string> {
  const tree = await unpackLinux(context, sourceLinux, 'linux');
  const kernel = join(context.root, 'kernel');
  await applySeries(context, join(kernel, 'patches'), tree);
  mirror(join(kernel, 'arch', 'wasm'), join(tree, 'arch', 'wasm'), 'configs');
  writeChanged(
    join(tree, 'arch', 'wasm', 'configs', 'wasmlinux_defconfig'),
    readFileSync(join(kernel, 'wasmlinux.config')),
  );
  return tree;
}

/**
 * Brings the tree to the state "originals + series". The originals of all patched files are kept inside the tree (so that
 * they vanish with it); the series is applied to copies of them, and what came out differently is written.
 */
export async function applySeries(context: Pick<StepContext, 'exec'>, patches: string, tree: string): Promise<void> {
  const series = readSeries(patches);
  const files = new Set(series.flatMap((patch) => patchedFiles(readFileSync(join(patches, patch), 'utf8'))));
  const originals = join(tree, '.originals');
  const patched = join(tree, '.patched');
  mkdirSync(originals, { recursive: true });
  rmSync(patched, { recursive: true, force: true });
  for (const file of files) {
    if (!existsSync(join(originals, file))) copy(join(tree, file), join(originals, file));
    copy(join(originals, file), join(patched, file));
  }
  for (const patch of series) {
    const args = ['--strip=1', '--batch', '--forward', '--no-backup-if-mismatch', `--input=${join(patches, patch)}`];
    await context.exec('patch', args, { cwd: patched });
  }
  for (const file of filesBelow(originals)) {
    const wanted = files.has(file) ? patched : originals;
    writeChanged(join(tree, file), readFileSync(join(wanted, file)));
    // No longer patched: as it was.
    if (!files.has(file)) rmSync(join(originals, file));
  }
  rmSync(patched, { recursive: true, force: true });
}

/** The names in the file `series`, in order. */
export function readSeries(patches: string): string[] {
  return readFileSync(join(patches, 'series'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** The files that a patch changes. It can't add or remove any: those belong into arch/wasm. */
export function patchedFiles(patch: string): string[] {
  return [...patch.matchAll(/^\+\+\+ b\/(\S+)/gm)].map((match) => match[1] ?? '');
}

/** Makes `to` equal `from`, but for the folder `kept`. */
export function mirror(from: string, to: string, kept?: string): void {
  const wanted = new Set(filesBelow(from));
  for (const file of filesBelow(to)) {
    if (!wanted.has(file) && dirname(file) !== kept) rmSync(join(to, file));
  }
  for (const file of wanted) writeChanged(join(to, file), readFileSync(join(from, file)));
}

/** Writes a file unless it has this content already. */
export function writeChanged(file: string, content: string | Buffer): void {
  const bytes = Buffer.from(content);
  if (existsSync(file) && readFileSync(file).equals(bytes)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

/** Files below a folder, relative to it; none if it does not exist. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
