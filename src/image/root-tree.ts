// SPDX-License-Identifier: MIT
/**
 * Makes the archive that puts someone else's files under /root of an initramfs, from where programs/session/root.c makes them the
 * root, and the archive that puts a file system image there. Called by src/cli/root.ts.
 */
import { ArchiveError } from './archive-error.ts';
import { type CpioEntry, cpioArchive, directory, file } from './cpio.ts';

const TREE = 'root';
const IMAGE = 'image';

/** The archive of a tree; the paths of the entries are those in the root, in any order. Throws ArchiveError. */
export function treeArchive(entries: readonly CpioEntry[]): Uint8Array {
  const known = new Set<string>();
  const moved: CpioEntry[] = [];
  for (const entry of entries) {
    const parts = entry.path.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..')) throw new ArchiveError(`${entry.path} in it leads out of it`);
    // The kernel makes no folder that has no entry.
    const path = [TREE, ...parts];
    for (let depth = 1; depth < path.length; depth++) {
      const parent = path.slice(0, depth).join('/');
      if (!known.has(parent)) moved.push(directory(parent));
      known.add(parent);
    }
    known.add(path.join('/'));
    moved.push({ ...entry, path: path.join('/') });
  }
  if (!known.has(TREE)) moved.unshift(directory(TREE));
  return cpioArchive(moved);
}

export function imageArchive(image: Uint8Array): Uint8Array {
  return cpioArchive([file(IMAGE, image, 0o600)]);
}
