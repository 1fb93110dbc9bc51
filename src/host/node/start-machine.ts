// SPDX-License-Identifier: MIT
/** Starts a machine in a Worker of Node's. Callers: src/cli, the tests. */
import { Worker } from 'node:worker_threads';
import { MachineClient, type MachineConnections } from '../worker/machine-client.ts';
import { PENDING_BYTES, PendingOutput } from '../worker/pending-output.ts';
import type { BootRequest, FromWorker } from '../worker/protocol.ts';
import { UNWRITTEN_TRACE_BYTES, UnwrittenTrace } from '../worker/trace-output.ts';

export interface MachineOptions extends MachineConnections {
  /**
   * Makes what is booted; archives with an ArrayBuffer of their own are moved away. Called once the Worker is being started, so
   * that both threads work at the same time.
   */
  readonly boot: () => BootRequest;
  /** Is given the Worker before it boots, which waits for the promise. Must not reject. */
  readonly beforeBoot?: (worker: Worker) => Promise<void>;
}

/** What the Worker shares with the main thread: its workerData. */
export interface SharedMemories {
  readonly pending: SharedArrayBuffer;
  readonly unwrittenTrace: SharedArrayBuffer;
}

/** The memory of archives that have one of their own: it is moved to the Worker, not copied. */
function movable(archives: readonly Uint8Array[]): ArrayBuffer[] {
  return archives
    .filter(({ buffer, byteLength }) => buffer instanceof ArrayBuffer && buffer.byteLength === byteLength)
    .map(({ buffer }) => buffer as ArrayBuffer);
}

export function startMachine(options: MachineOptions): MachineClient {
  const memories: SharedMemories = {
    pending: new SharedArrayBuffer(PENDING_BYTES),
    unwrittenTrace: new SharedArrayBuffer(UNWRITTEN_TRACE_BYTES),
  };
  const pending = new PendingOutput(memories.pending);
  const worker = new Worker(new URL(import.meta.resolve('./worker-entry.ts')), { workerData: memories });
  const client = new MachineClient(
    {
      post: (message) => worker.postMessage(message, message.kind === 'boot' ? movable(message.initramfs) : []),
      terminate: async () => void (await worker.terminate()),
      unwrittenTrace: new UnwrittenTrace(memories.unwrittenTrace),
    },
    options,
  );
  worker.on('message', (message: FromWorker) => client.receive(message));
  worker.on('error', (error: unknown) => {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    client.fail(`the machine's host has failed: ${what}`);
  });
  worker.on('exit', () => {
    // After the last message, and before terminate() resolves.
    client.receive({ kind: 'output', pieces: pending.take() });
    client.fail("the machine's thread has ended without a word");
  });
  const ready = options.beforeBoot?.(worker);
  let request: BootRequest;
  try {
    request = options.boot();
  } catch (error) {
    // It would keep the process alive.
    void worker.terminate();
    throw error;
  }
  if (ready) ready.then(() => client.boot(request));
  else client.boot(request);
  return client;
}
