// SPDX-License-Identifier: MIT
/**
 * A root that someone else has made, as what a machine is booted with: the archive that follows root-boot.cpio, and how large its
 * tmpfs must be. Called by src/cli/root.ts and the library.
 */
import { ArchiveError } from './archive-error.ts';
import type { CpioEntry } from './cpio.ts';
import { readCpio } from './read-cpio.ts';
import { readTar } from './read-tar.ts';
import { ACCEPTED_FORMATS, rootFormat } from './root-format.ts';
import { imageArchive, treeArchive } from './root-tree.ts';
import type { RootType } from './run-request.ts';

export interface Root {
  readonly type: RootType;
  readonly archive: Uint8Array;
  /** For the kernel's command line. */
  readonly bootOption: string;
}

/** It does not fit into the machine. */
export class RootTooLarge extends ArchiveError {
  /** Bytes that its files take. */
  readonly unpacked: number;
  /** Bytes of memory that a machine with it needs. */
  readonly needed: number;

  constructor(unpacked: number, needed: number) {
    super(`it needs a machine with ${Math.ceil(needed / 2 ** 20)} MiB of memory`);
    this.unpacked = unpacked;
    this.needed = needed;
  }
}

/** What the kernel needs beside: itself, what it keeps free (up to 17 MiB when its memory is fragmented), a first program. */
const MEMORY_BESIDE = 44 * 2 ** 20;
const PAGE = 4096;
/** What the kernel keeps of a file beside its contents. */
const FILE_OVERHEAD = 1024;

/** The root in an image that is not compressed, for a machine of `memory` bytes. Throws ArchiveError. */
export function imageRoot(image: Uint8Array, memory: number): Root {
  const format = rootFormat(image);
  switch (format) {
    case undefined:
      throw new ArchiveError(`neither a folder nor an image that is known: ${ACCEPTED_FORMATS}`);
    case 'gzip':
    case 'zstd':
      throw new ArchiveError(`it must be decompressed first (${format})`);
    case 'cpio':
      return treeRoot(readCpio(image), memory);
    case 'tar':
      return treeRoot(readTar(image), memory);
    default:
      return fitted(format, imageArchive(image), [image], memory);
  }
}

/** The root that has these entries. Throws ArchiveError. */
export function treeRoot(entries: readonly CpioEntry[], memory: number): Root {
  return fitted(
    'tree',
    treeArchive(entries),
    entries.map(({ data }) => data),
    memory,
  );
}

/** `files`: what is unpacked of the archive. */
function fitted(type: RootType, archive: Uint8Array, files: readonly Uint8Array[], memory: number): Root {
  const unpacked = files.reduce((sum, { length }) => sum + Math.ceil(length / PAGE) * PAGE + FILE_OVERHEAD, 0);
  // The archive and what is unpacked of it are in memory at the same time.
  const needed = archive.length + unpacked + MEMORY_BESIDE;
  if (needed > memory) throw new RootTooLarge(unpacked, needed);
  // A tmpfs takes at most half of the memory, which the root may need; so half of the rest is for what is written to it.
  const size = Math.ceil((memory + unpacked) / 2 / 1024);
  const inodes = files.length + Math.ceil(memory / PAGE / 2);
  return { type, archive, bootOption: `initramfs_options=size=${size}k,nr_inodes=${inodes}` };
}
