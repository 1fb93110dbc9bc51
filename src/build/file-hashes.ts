// SPDX-License-Identifier: MIT
/**
 * Hashes of files' contents, remembered from build to build by what stat() says of the file, so that computing all keys of an
 * unchanged checkout reads no file. key.ts asks; the memory is one JSON file in the build folder.
 */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file that changed so recently may change again within one tick of the file system's clock: not remembered. */
const TICK_NS = 100_000_000n;

/** What stat() said (size, mtime, ctime, inode) and the hash. */
type Remembered = readonly [stat: string, hash: string];

export class FileHashes {
  readonly #root: string;
  readonly #memory: string;
  readonly #known: Map<string, Remembered>;
  #changed = false;

  /** `root` is what paths are relative to, `memory` the file that remembers. */
  constructor(root: string, memory: string) {
    this.#root = root;
    this.#memory = memory;
    this.#known = new Map(readMemory(memory));
  }

  /**
   * One line for each file in `path` (a file or folder relative to the root), sorted: path, kind and hash. Tests and Markdown
   * inside a folder are left out, since no output depends on them. Throws ENOENT when there is no such path.
   */
  lines(path: string): string[] {
    const stat = lstatSync(join(this.#root, path), { bigint: true });
    if (stat.isDirectory()) {
      return readdirSync(join(this.#root, path))
        .filter((name) => !name.endsWith('.test.ts') && !name.endsWith('.md'))
        .sort()
        .flatMap((name) => this.lines(`${path}/${name}`));
    }
    if (stat.isSymbolicLink()) return [`${path} link ${readlinkSync(join(this.#root, path))}`];
    const kind = stat.mode & 0o100n ? 'executable' : 'file';
    const id = `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino}`;
    const known = this.#known.get(path);
    if (known?.[0] === id) return [`${path} ${kind} ${known[1]}`];
    const hash = createHash('sha256')
      .update(readFileSync(join(this.#root, path)))
      .digest('hex');
    if (BigInt(Date.now()) * 1_000_000n - stat.ctimeNs > TICK_NS) {
      this.#known.set(path, [id, hash]);
      this.#changed = true;
    }
    return [`${path} ${kind} ${hash}`];
  }

  /** Writes what was learnt, for the next build. */
  save(): void {
    if (!this.#changed) return;
    mkdirSync(dirname(this.#memory), { recursive: true });
    writeFileSync(`${this.#memory}.new`, JSON.stringify([...this.#known]));
    renameSync(`${this.#memory}.new`, this.#memory);
    this.#changed = false;
  }
}

function readMemory(file: string): [string, Remembered][] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as [string, Remembered][];
  } catch {
    // Absent, or cut short by a crash: it is only a memory.
    return [];
  }
}
