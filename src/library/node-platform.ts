// SPDX-License-Identifier: MIT
/** What machines need of Node: src/index.ts's platform. */
import { readFile } from 'node:fs/promises';
import { loadKernel } from '../host/node/kernel-module.ts';
import { startMachine } from '../host/node/start-machine.ts';
import { startInThread } from '../host/worker/in-thread.ts';
import { artefactPath } from './node-artefacts.ts';
import type { Platform } from './platform.ts';

let kernel: WebAssembly.Module | undefined;
const archives = new Map<string, Promise<Uint8Array>>();

export const nodePlatform: Platform = {
  async kernel() {
    kernel ??= loadKernel(await artefactPath('vmlinux.wasm'));
    return kernel;
  },
  async archive(name) {
    const read = archives.get(name) ?? artefactPath(name).then((path) => readFile(path));
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
