// SPDX-License-Identifier: MIT
/** Recognises what a root image is, by its contents and not by its name. Called by src/cli/root.ts. */
import { isCpio } from './read-cpio.ts';
import { isTar } from './read-tar.ts';
import type { RootType } from './run-request.ts';

export type RootFormat = 'gzip' | 'zstd' | 'cpio' | 'tar' | Exclude<RootType, 'tree'>;

/** For messages. */
export const ACCEPTED_FORMATS =
  'cpio (newc) and tar, also compressed by gzip or zstd; ext2, ext3, ext4, squashfs, erofs (uncompressed)';

/** Numbers that a format begins with, or has at a fixed place. Source: file(1), and the kernel's include/uapi/linux/magic.h. */
const MAGICS: readonly { readonly format: RootFormat; readonly at: number; readonly bytes: readonly number[] }[] = [
  { format: 'gzip', at: 0, bytes: [0x1f, 0x8b] },
  { format: 'zstd', at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { format: 'squashfs', at: 0, bytes: [0x68, 0x73, 0x71, 0x73] },
  { format: 'erofs', at: 1024, bytes: [0xe2, 0xe1, 0xf5, 0xe0] },
  // ext2 and ext3 too, which the kernel's ext4 mounts.
  { format: 'ext4', at: 1080, bytes: [0x53, 0xef] },
];

/** Undefined when it is nothing that is known. */
export function rootFormat(image: Uint8Array): RootFormat | undefined {
  // First, since what a tar archive's first file contains may look like any of the others.
  if (isTar(image)) return 'tar';
  if (isCpio(image)) return 'cpio';
  return MAGICS.find(({ at, bytes }) => bytes.every((byte, index) => image[at + index] === byte))?.format;
}
