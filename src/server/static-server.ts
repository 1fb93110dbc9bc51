// SPDX-License-Identifier: MIT
/**
 * An HTTP server for the files of one folder, as `npm run web` needs it: they are read once, at the start, and only what was
 * found then is ever served, so no request can name another file. Called by main.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

/** WebAssembly.compileStreaming insists on the type of .wasm. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** What index.html is asked for under. */
const INDEX = 'index.html';

/** Nothing from elsewhere. xterm.js makes style sheets of its own; wasm-unsafe-eval is what compiling a module is called. */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'";

interface File {
  readonly contents: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Serves the files that lie in the folder now. A name with a hash in it is for ever the same file. */
export function staticServer(folder: string): Server {
  const files = new Map<string, File>();
  for (const name of readdirSync(folder)) {
    const contents = readFileSync(join(folder, name));
    files.set(name === INDEX ? '/' : `/${name}`, {
      contents,
      headers: {
        'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
        'Content-Length': String(contents.length),
        'Cache-Control': /-[0-9a-f]{10}\./.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
        'Content-Security-Policy': POLICY,
        'X-Content-Type-Options': 'nosniff',
      },
    });
  }
  return createServer((request, response) => answer(files, request, response));
}

function answer(files: ReadonlyMap<string, File>, request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '' } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD', 'Content-Type': 'text/plain' }).end('only GET and HEAD\n');
    return;
  }
  const file = files.get(url.split('?', 1)[0] ?? '');
  if (!file) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('no such file\n');
    return;
  }
  response.writeHead(200, file.headers).end(method === 'HEAD' ? undefined : file.contents);
}
