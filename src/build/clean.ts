// SPDX-License-Identifier: MIT
/** Removes all that builds have made: the checkout's build folder and the cache. `./wasmlinux clean` calls it. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE_TAG, cacheFolder } from './cache.ts';

/** Removes the folders and returns those that were there. node_modules stays: npm keeps that. */
export function clean(root: string, cache: string = cacheFolder()): string[] {
  const folders = [];
  if (existsSync(join(root, 'build'))) folders.push(join(root, 'build'));
  // $WASMLINUX_CACHE may name any folder: only one that builds have marked is a cache.
  if (existsSync(join(cache, CACHE_TAG))) folders.push(cache);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  return folders;
}
