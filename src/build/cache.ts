// SPDX-License-Identifier: MIT
/**
 * Where outputs of steps are kept: <cache>/<step>-<key>/, shared by all checkouts of this user. An output appears there whole
 * or not at all: it grows in a folder beside it, which is renamed when the step has ended.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Outputs of one step that are kept, counted by last use: enough to go to and fro between a few branches. */
const KEPT_OUTPUTS = 6;
/** Milliseconds for which an output is kept after its last use, however many there are: another checkout may be running it. */
const KEPT_TIME = 60 * 60 * 1000;

/** Marks a cache for backup programs (bford.info/cachedir), and for clean(), which removes no folder without it. */
export const CACHE_TAG = 'CACHEDIR.TAG';
const CACHE_TAG_TEXT = 'Signature: 8a477f597d28d172789f06886806bc55\n# Outputs of WasmLinux builds.\n';

/** The cache folder: $WASMLINUX_CACHE, or wasmlinux in the user's cache folder. */
export function cacheFolder(): string {
  const own = process.env.WASMLINUX_CACHE;
  if (own) return resolve(own);
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'wasmlinux');
}

export class OutputCache {
  readonly #folder: string;
  /** Names the folders in which this checkout's outputs grow: another checkout may build the same step at the same time. */
  readonly #builder: string;

  constructor(folder: string, builder: string) {
    this.#folder = folder;
    this.#builder = builder;
  }

  /** Where the output of a step is or will be. */
  path(name: string, key: string): string {
    return join(this.#folder, `${name}-${key}`);
  }

  /** The output if it is there; it then counts as used now. */
  find(name: string, key: string): string | undefined {
    const path = this.path(name, key);
    if (!existsSync(path)) return undefined;
    const now = new Date();
    utimesSync(path, now, now);
    return path;
  }

  /** An empty folder for a new output. What an interrupted build left there is removed. */
  begin(name: string): string {
    const growing = join(this.#folder, `.${name}.${this.#builder}`);
    rmSync(growing, { recursive: true, force: true });
    mkdirSync(growing, { recursive: true });
    writeFileSync(join(this.#folder, CACHE_TAG), CACHE_TAG_TEXT);
    return growing;
  }

  /** Makes the folder from begin() the output for this key, and forgets the outputs that were not used for longest. */
  publish(name: string, key: string): string {
    const path = this.path(name, key);
    const growing = join(this.#folder, `.${name}.${this.#builder}`);
    try {
      renameSync(growing, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
      // Another checkout built the same meanwhile: equal keys, equal outputs.
      rmSync(growing, { recursive: true, force: true });
    }
    this.#prune(name);
    return path;
  }

  #prune(name: string): void {
    const isOutput = new RegExp(`^${name}-[0-9a-f]+$`);
    const byUse = readdirSync(this.#folder)
      .filter((entry) => isOutput.test(entry))
      .map((entry) => ({ path: join(this.#folder, entry), used: statSync(join(this.#folder, entry)).mtimeMs }))
      .sort((a, b) => b.used - a.used);
    const recent = Date.now() - KEPT_TIME;
    for (const { path, used } of byUse.slice(KEPT_OUTPUTS)) {
      if (used < recent) rmSync(path, { recursive: true, force: true });
    }
  }
}
