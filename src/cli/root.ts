// SPDX-License-Identifier: MIT
/**
 * The root that --root names, a folder or an image of this machine, as an archive for the initramfs. A copy: nothing is written
 * back. Called by session.ts, and loaded by it only when there is one.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { ArchiveError } from '../image/archive-error.ts';
import type { CpioEntry } from '../image/cpio.ts';
import { readCpio } from '../image/read-cpio.ts';
import { readTar } from '../image/read-tar.ts';
import { ACCEPTED_FORMATS, rootFormat } from '../image/root-format.ts';
import { imageArchive, treeArchive } from '../image/root-tree.ts';
import type { RootType } from '../image/run-request.ts';
import { reasonOf } from './host-error.ts';
import { describeSize } from './quantities.ts';
import { readFolder, tooLarge } from './root-folder.ts';
import { UsageError } from './usage-error.ts';

export interface Root {
  readonly type: RootType;
  readonly archive: Uint8Array;
  /** For the kernel's command line. */
  readonly bootOption: string;
}

/** What the kernel needs beside: itself, what it keeps free (up to 17 MiB when its memory is fragmented), a first program. */
const MEMORY_BESIDE = 44 * 2 ** 20;
const PAGE = 4096;
/** What a pipe holds. */
const PIPE_BYTES = 65536;
/** What the kernel keeps of a file beside its contents. */
const FILE_OVERHEAD = 1024;

/** Reads the root at `path` for a machine of `memory` bytes. Throws UsageError when it can't be used, or does not fit. */
export function readRoot(path: string, memory: number): Root {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return tree(path, readFolder(path, memory), memory);
    if (!stat.isFile() && !stat.isFIFO()) throw new ArchiveError('neither a folder nor a file');
    return readImage(path, readAtMost(path, memory), memory);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--root ${path}: ${error instanceof ArchiveError ? error.message : reasonOf(error)}`);
  }
}

/** A file, or what comes through a pipe. */
function readAtMost(path: string, most: number): Uint8Array {
  const fd = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let size = fstatSync(fd).size;
    for (let read = 0; size <= most; size = Math.max(size, read)) {
      const chunk = Buffer.allocUnsafe(Math.max(size - read, PIPE_BYTES));
      const length = readSync(fd, chunk);
      if (length === 0) return Buffer.concat(chunks, read);
      chunks.push(chunk.subarray(0, length));
      read += length;
    }
    throw tooLarge(most);
  } finally {
    closeSync(fd);
  }
}

function readImage(path: string, image: Uint8Array, memory: number): Root {
  const format = rootFormat(image);
  switch (format) {
    case undefined:
      throw new UsageError(`--root ${path}: neither a folder nor an image that is known: ${ACCEPTED_FORMATS}`);
    case 'gzip':
    case 'zstd':
      return readImage(path, decompress(path, image, format, memory), memory);
    case 'cpio':
      return tree(path, readCpio(image), memory);
    case 'tar':
      return tree(path, readTar(image), memory);
    default:
      return root(path, format, imageArchive(image), [image], memory);
  }
}

function decompress(path: string, image: Uint8Array, format: 'gzip' | 'zstd', memory: number): Uint8Array {
  try {
    return format === 'gzip'
      ? gunzipSync(image, { maxOutputLength: memory })
      : zstdDecompressSync(image, { maxOutputLength: memory });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new UsageError(`--root ${path}: larger, when decompressed, than --memory (${describeSize(memory)})`);
    }
    throw new UsageError(`--root ${path}: it is damaged: ${reasonOf(error)}`);
  }
}

function tree(path: string, entries: readonly CpioEntry[], memory: number): Root {
  const files = entries.map(({ data }) => data);
  return root(path, 'tree', treeArchive(entries), files, memory);
}

/** `files`: what is unpacked of the archive. */
function root(path: string, type: RootType, archive: Uint8Array, files: readonly Uint8Array[], memory: number): Root {
  const unpacked = files.reduce((sum, { length }) => sum + Math.ceil(length / PAGE) * PAGE + FILE_OVERHEAD, 0);
  // The archive and what is unpacked of it are in memory at the same time.
  const needed = archive.length + unpacked + MEMORY_BESIDE;
  if (needed > memory) {
    const sizes = `${describeSize(unpacked)} do not fit into a machine of ${describeSize(memory)}`;
    throw new UsageError(`--root ${path}: ${sizes}; it takes --memory ${describeSize(needed)}`);
  }
  // A tmpfs takes at most half of the memory, which the root may need; so half of the rest is for what is written to it.
  const size = Math.ceil((memory + unpacked) / 2 / 1024);
  const inodes = files.length + Math.ceil(memory / PAGE / 2);
  return { type, archive, bootOption: `initramfs_options=size=${size}k,nr_inodes=${inodes}` };
}
