// SPDX-License-Identifier: MIT
/** `npm run web`: serves the page on this machine only, until it is told to end. Called by src/build/cli.ts, which builds it. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { lastOutput } from '../build/last-output.ts';
import { root } from '../build/root.ts';
import { UsageError } from '../cli/usage-error.ts';
import { staticServer } from './static-server.ts';

const HOST = '127.0.0.1';

/** The port that the arguments ask for; 0, a free one, unless they do. Throws UsageError. */
export function parsePort(args: readonly string[]): number {
  let port: string;
  try {
    port = parseArgs({ args: [...args], options: { port: { type: 'string', default: '0' } } }).values.port;
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]} (usage: npm run web [-- --port N])`);
  }
  if (!/^[0-9]+$/.test(port) || Number(port) > 65535) throw new UsageError(`--port ${port}: a number from 0 to 65535`);
  return Number(port);
}

/** Serves until SIGINT or SIGTERM; returns the exit status. */
export async function serveWeb(port: number): Promise<number> {
  const folder = lastOutput(root, 'page');
  if (!folder) throw new Error('the page has not been built');
  const server = staticServer(folder);
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = { EADDRINUSE: 'is in use', EACCES: 'is for root only' };
    const reason = reasons[code ?? ''];
    console.error(reason ? `port ${port} ${reason}: choose another one, or none for a free one (--port)` : message);
    return 1;
  }
  console.log(`WasmLinux is at http://${HOST}:${(server.address() as AddressInfo).port}/ (Ctrl-C ends it)`);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  await Promise.race(signals.map((signal) => once(process, signal)));
  server.close();
  server.closeAllConnections();
  return 0;
}
