// SPDX-License-Identifier: MIT
/**
 * Where the real rows find programs under their plain names and what they are given to do: a folder natively, and for the guest a
 * root of its own, as an archive in which all is root's, whoever runs the bench. Called by program-rows.ts.
 */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type CpioEntry, cpioArchive, directory, file } from '../src/image/cpio.ts';

export interface RealFolders {
  /** On this machine. */
  readonly native: string;
  /** The guest's root. */
  readonly guestRoot: string;
  /** In the guest. */
  readonly guest: string;
}

const FOLDER = 'real';

/** Folders of outputs of the build with programs, and the one with what they work at. */
export interface RealOutputs {
  readonly native: readonly string[];
  readonly guest: readonly string[];
  readonly workloads: string;
}

/** Names them below a folder, and makes them when there are outputs. */
export function makeRealFolders(folder: string, outputs: RealOutputs | undefined): RealFolders {
  const folders = { native: join(folder, FOLDER), guestRoot: join(folder, 'root.cpio'), guest: `/${FOLDER}` };
  if (!outputs) return folders;
  const workloads = filesOf(outputs.workloads);
  mkdirSync(folders.native);
  for (const path of [...outputs.native.flatMap(filesOf), ...workloads]) {
    symlinkSync(path, join(folders.native, basename(path)));
  }
  const guestFile = (path: string, permissions: number): CpioEntry =>
    file(`${FOLDER}/${basename(path, '.wasm')}`, readFileSync(path), permissions);
  const entries = [
    ...['.', 'dev', 'proc', 'sys', 'tmp', FOLDER].map((name) => directory(name)),
    ...outputs.guest.flatMap(filesOf).map((path) => guestFile(path, 0o755)),
    ...workloads.map((path) => guestFile(path, 0o644)),
  ];
  writeFileSync(folders.guestRoot, cpioArchive(entries));
  return folders;
}

function filesOf(folder: string): string[] {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ name }) => join(folder, name));
}
