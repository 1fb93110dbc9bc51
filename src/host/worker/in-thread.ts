// SPDX-License-Identifier: MIT
/** A machine on the thread of its owner, spoken to as if it were in a Worker: messages are passed on in turns of their own. */
import type { Turn } from '../../machine/clock.ts';
import { MachineClient, type MachineConnections } from './machine-client.ts';
import { serveMachine } from './machine-server.ts';

export function startInThread(turn: Turn, connections: MachineConnections): MachineClient {
  const receive = serveMachine({ post: (message) => queueMicrotask(() => client.receive(message)), turn });
  const client = new MachineClient(
    {
      post: (message) => queueMicrotask(() => receive(message)),
      terminate: async () => {
        receive({ kind: 'terminate' });
        await client.ended;
      },
    },
    connections,
  );
  return client;
}
