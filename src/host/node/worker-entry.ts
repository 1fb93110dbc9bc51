// SPDX-License-Identifier: MIT
/** The Worker that a machine runs in, in Node. Started by start-machine.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveMachine } from '../worker/machine-server.ts';
import { PendingOutput } from '../worker/pending-output.ts';
import { UnwrittenTrace } from '../worker/trace-output.ts';
import type { SharedMemories } from './start-machine.ts';

if (!parentPort) throw new Error('worker-entry.ts runs as a Worker only');
const port = parentPort;
const memories = workerData as SharedMemories;
port.on(
  'message',
  serveMachine({
    post: (message, transfer) => port.postMessage(message, transfer ?? []),
    turn: setImmediate,
    pending: new PendingOutput(memories.pending),
    unwrittenTrace: new UnwrittenTrace(memories.unwrittenTrace),
    loadTracer: () => import('../../trace/tracer.ts'),
  }),
);
