// SPDX-License-Identifier: MIT
/** What machines need of Node: src/index.ts's platform. */
import { readFile } from 'node:fs/promises';
import { loadKernel } from '../host/node/kernel-module.ts';
import { startMachine } from '../host/node/start-machine.ts';
import { startInThread } from '../host/worker/in-thread.ts';
import { installation } from '../installation/checkout.ts';
import type { Artefact } from '../installation/installation.ts';
import type { Platform } from './platform.ts';

let kernel: WebAssembly.Module | undefined;
const archives = new Map<string, Promise<Uint8Array>>();

export const nodePlatform: Platform = {
  async kernel() {
    kernel ??= loadKernel(artefactPath('vmlinux.wasm'));
    return kernel;
  },
  async archive(name) {
    const read = archives.get(name) ?? readFile(artefactPath(name));
    archives.set(name, read);
    return new Uint8Array(await read);
  },
  async start(thread, connections, boot) {
    if (thread === 'same') {
      const client = startInThread(setImmediate, connections);
      client.boot(await boot());
      return client;
    }
    return startMachine({ ...connections, boot });
  },
};

function artefactPath(name: Artefact): string {
  const path = installation.artefact(name);
  if (path === undefined) throw new Error(`${name}: ${installation.advice}`);
  return path;
}
