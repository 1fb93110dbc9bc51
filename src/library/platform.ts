// SPDX-License-Identifier: MIT
/** What a machine needs of the platform that its user runs on: Node, or a page. src/index.ts and src/browser.ts have one each. */
import type { MachineClient, MachineConnections } from '../host/worker/machine-client.ts';
import type { BootRequest } from '../host/worker/protocol.ts';

/** Where a machine runs: in a Worker of its own, or on the thread of its user, whose event loop it holds while programs compute. */
export type MachineThread = 'worker' | 'same';

export interface Platform {
  /** The kernel, compiled once for all machines. */
  kernel(): Promise<WebAssembly.Module>;
  /** A copy of an archive that belongs to the package: the image, or what a machine with another root boots with. */
  archive(name: 'initramfs.cpio' | 'root-boot.cpio'): Promise<Uint8Array>;
  /** Starts a machine; `boot` says what it is made of. */
  start(
    thread: MachineThread,
    connections: MachineConnections,
    boot: () => Promise<BootRequest>,
  ): Promise<MachineClient>;
}
