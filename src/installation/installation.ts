// SPDX-License-Identifier: MIT
/** What an installation of this program has: a checkout or the npm package (README.md). */

/** A file that machines are booted from. */
export type Artefact = 'vmlinux.wasm' | 'initramfs.cpio' | 'root-boot.cpio';

export interface Installation {
  /** As package.json has it. */
  version(): string;
  /** The folder of this program's own files, ending with "/". */
  readonly top: URL;
  /** The program of a machine's Worker in Node. */
  readonly worker: URL;
  /** The path of a file; undefined when it is not there. */
  artefact(name: Artefact): string | undefined;
  /** What to do when it is not. */
  readonly advice: string;
  /** The commands that build: a checkout's alone. */
  readonly builder?: Builder;
}

export interface Builder {
  /** Builds the steps of these names, all that a boot needs when there are none. The exit status, or what is wrong with a name. */
  build(steps: readonly string[]): Promise<number | string>;
  /** Removes all that was built; the folders that are gone. */
  clean(): Promise<readonly string[]>;
}
