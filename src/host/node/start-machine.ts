// SPDX-License-Identifier: MIT
/** Starts a machine in a Worker of Node's. Callers: src/cli, the tests. */
import { Worker } from 'node:worker_threads';
import { installation } from '../../installation/checkout.ts';
import { hostFailure } from '../../machine/machine-end.ts';
import { MachineClient, type MachineConnections } from '../worker/machine-client.ts';
import { PENDING_BYTES, PendingOutput } from '../worker/pending-output.ts';
import type { BootRequest, FromWorker, ToWorker } from '../worker/protocol.ts';
import { UNWRITTEN_TRACE_BYTES, UnwrittenTrace } from '../worker/trace-output.ts';
import { ownBuffer } from './own-buffer.ts';

export interface MachineOptions extends MachineConnections {
  /**
   * Makes what is booted; archives with an ArrayBuffer of their own are moved away. Called once the Worker is being started, so
   * that both threads work at the same time.
   */
  readonly boot: () => BootRequest | Promise<BootRequest>;
  /** Is given the Worker before it boots, which waits for the promise. Must not reject. */
  readonly beforeBoot?: (worker: Worker) => Promise<void>;
}

/** What the Worker shares with the main thread: its workerData. */
export interface SharedMemories {
  readonly pending: SharedArrayBuffer;
  readonly unwrittenTrace: SharedArrayBuffer;
}

/** What is moved to the Worker with a message, not copied. */
function moved(message: ToWorker): ArrayBuffer[] {
  if (message.kind !== 'boot') return [];
  return message.initramfs.map(ownBuffer).filter((buffer) => buffer !== undefined);
}

export function startMachine(options: MachineOptions): MachineClient {
  const memories: SharedMemories = {
    pending: new SharedArrayBuffer(PENDING_BYTES),
    unwrittenTrace: new SharedArrayBuffer(UNWRITTEN_TRACE_BYTES),
  };
  const pending = new PendingOutput(memories.pending);
  const worker = new Worker(installation.worker, { workerData: memories });
  const client = new MachineClient(
    {
      post: (message) => worker.postMessage(message, moved(message)),
      terminate: async () => void (await worker.terminate()),
      unwrittenTrace: new UnwrittenTrace(memories.unwrittenTrace),
    },
    options,
  );
  worker.on('message', (message: FromWorker) => client.receive(message));
  worker.on('error', (error: unknown) => client.fail(hostFailure(error)));
  worker.on('exit', () => {
    // After the last message, and before terminate() resolves.
    client.receive({ kind: 'output', pieces: pending.take() });
    client.fail("the machine's thread has ended without a word");
  });
  const ready = options.beforeBoot?.(worker);
  let request: BootRequest | Promise<BootRequest>;
  try {
    request = options.boot();
  } catch (error) {
    // It would keep the process alive.
    void worker.terminate();
    throw error;
  }
  if (!ready && !(request instanceof Promise)) client.boot(request);
  else {
    Promise.all([request, ready]).then(
      ([made]) => client.boot(made),
      (error: unknown) => {
        client.fail(hostFailure(error));
        void worker.terminate();
      },
    );
  }
  return client;
}
