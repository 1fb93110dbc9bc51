// SPDX-License-Identifier: MIT
/** The Worker that a machine runs in, in Node. Started by start-machine.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { PendingOutput } from '../worker/pending-output.ts';
import { serveMachine } from '../worker/machine-server.ts';

if (!parentPort) throw new Error('worker-entry.ts runs as a Worker only');
const port = parentPort;
const pending = new PendingOutput(workerData as SharedArrayBuffer);
port.on('message', serveMachine({ post: (message) => port.postMessage(message), turn: setImmediate, pending }));
