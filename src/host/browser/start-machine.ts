// SPDX-License-Identifier: MIT
/** Starts a machine in a Worker of a page. Caller: web/. */
import { MachineClient, type MachineConnections } from '../worker/machine-client.ts';
import type { FromWorker } from '../worker/protocol.ts';

/** worker: the URL of the bundle of worker-entry.ts. What is to be booted follows by `boot`. */
export function startMachine(worker: URL, connections: MachineConnections): MachineClient {
  const thread = new Worker(worker);
  const client = new MachineClient(
    {
      post: (message) => thread.postMessage(message),
      terminate: async () => thread.terminate(),
    },
    connections,
  );
  thread.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => client.receive(data));
  thread.addEventListener('error', ({ message }) => {
    client.fail(`the machine's host has failed: ${message || 'its program can not be loaded'}`);
  });
  return client;
}
