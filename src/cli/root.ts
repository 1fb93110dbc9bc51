// SPDX-License-Identifier: MIT
/**
 * The root that --root names, a folder or an image of this machine, as an archive for the initramfs. A copy: nothing is written
 * back. Called by session.ts, and loaded by it only when there is one.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { ArchiveError } from '../image/archive-error.ts';
import { imageRoot, type Root, RootTooLarge, treeRoot } from '../image/root.ts';
import { rootFormat } from '../image/root-format.ts';
import { reasonOf } from './host-error.ts';
import { describeSize } from './quantities.ts';
import { readFolder, tooLarge } from './root-folder.ts';
import { UsageError } from './usage-error.ts';

/** What a pipe holds. */
const PIPE_BYTES = 65536;

/** Reads the root at `path` for a machine of `memory` bytes. Throws UsageError when it can't be used, or does not fit. */
export function readRoot(path: string, memory: number): Root {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return treeRoot(readFolder(path, memory), memory);
    if (!stat.isFile() && !stat.isFIFO()) throw new ArchiveError('neither a folder nor a file');
    return readImage(path, readAtMost(path, memory), memory);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof RootTooLarge) {
      const sizes = `${describeSize(error.unpacked)} do not fit into a machine of ${describeSize(memory)}`;
      throw new UsageError(`--root ${path}: ${sizes}; it takes --memory ${describeSize(error.needed)}`);
    }
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
  return format === 'gzip' || format === 'zstd'
    ? readImage(path, decompress(path, image, format, memory), memory)
    : imageRoot(image, memory);
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
