// SPDX-License-Identifier: MIT
/**
 * A real Linux in a Node process: the package's entry. A page has the same from src/browser.ts.
 *
 * @example
 * ```ts
 * import { Linux } from 'wasmlinux';
 *
 * await using linux = await Linux.boot();
 * const { stdout } = await linux.run('uname -sm; seq 3 | tac');
 * ```
 */
import { type BootOptions, bootMachine, LinuxMachine } from './library/linux.ts';
import { nodePlatform } from './library/node-platform.ts';

export class Linux extends LinuxMachine {
  /** Boots a machine. Resolves when it takes commands: some 0.1 s. Many may run at a time; nothing is shared but the kernel's code. */
  static async boot(options: BootOptions = {}): Promise<Linux> {
    return new Linux(await bootMachine(nodePlatform, options), options.env ?? {});
  }
}

export * from './library/public.ts';
