// SPDX-License-Identifier: MIT
/** The Worker that a machine runs in, in a page. A bundle of its own; started by start-machine.ts. */

import type { Turn } from '../../machine/clock.ts';
import { serveMachine } from '../worker/machine-server.ts';
import type { ToWorker } from '../worker/protocol.ts';

/** A hop through a MessageChannel: some microseconds, where a timer takes one to four milliseconds. */
function makeTurn(): Turn {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (callback) => {
    waiting.push(callback);
    port2.postMessage(0);
  };
}

const receive = serveMachine({ post: (message, transfer) => postMessage(message, transfer), turn: makeTurn() });
addEventListener('message', ({ data }) => receive(data as ToWorker));
