// SPDX-License-Identifier: MIT
/** What machines need of a page: src/browser.ts's platform. */
import { missingFeatures } from '../host/browser/requirements.ts';
import { startMachine } from '../host/browser/start-machine.ts';
import type { Platform } from './platform.ts';

/** Where the files are that a machine boots from; each default lies beside the library's own program. */
export interface BrowserAssets {
  /** vmlinux.wasm. */
  readonly kernel: string | URL;
  /** initramfs.cpio: the default image. */
  readonly initramfs: string | URL;
  /** root-boot.cpio: what a machine with an `image` begins with. */
  readonly rootBoot: string | URL;
  /** browser-worker.js, the Worker's program: of the page's own origin. */
  readonly worker: string | URL;
}

/** Bundlers know a file that is named like this, and copy it. */
const besideProgram: BrowserAssets = {
  kernel: new URL('./vmlinux.wasm', import.meta.url),
  initramfs: new URL('./initramfs.cpio', import.meta.url),
  rootBoot: new URL('./root-boot.cpio', import.meta.url),
  worker: new URL('./browser-worker.js', import.meta.url),
};

/** What has been fetched, once for all machines of the page. */
const kernels = new Map<string, Promise<WebAssembly.Module>>();
const archives = new Map<string, Promise<ArrayBuffer>>();

/** Throws when the browser can't run machines, and says what it lacks. */
export function browserPlatform(given: Partial<BrowserAssets> = {}): Platform {
  const missing = missingFeatures();
  if (missing.length > 0) throw new Error(`this browser can not run Linux: it lacks ${missing.join(' and ')}`);
  const assets = { ...besideProgram, ...given };
  return {
    kernel: () => once(kernels, assets.kernel, compile),
    async archive(name) {
      const asset = name === 'initramfs.cpio' ? assets.initramfs : assets.rootBoot;
      // Machines take what they are given away.
      return new Uint8Array((await once(archives, asset, (url) => get(url).then((it) => it.arrayBuffer()))).slice());
    },
    async start(thread, connections, boot) {
      if (thread === 'same') throw new TypeError('thread: in a page a machine runs in a Worker of its own');
      const client = startMachine(new URL(assets.worker, document.baseURI), connections);
      try {
        client.boot(await boot());
      } catch (error) {
        await client.terminate();
        throw error;
      }
      return client;
    },
  };
}

/** What failed is tried again by the next machine. */
function once<T>(known: Map<string, Promise<T>>, asset: string | URL, load: (url: string) => Promise<T>): Promise<T> {
  const url = new URL(asset, document.baseURI).href;
  const loading = known.get(url) ?? load(url);
  known.set(url, loading);
  loading.catch(() => known.delete(url));
  return loading;
}

async function get(url: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    throw new Error(`${url}: no answer from the server`);
  }
  if (!response.ok) throw new Error(`${url}: the server says ${response.status}`);
  return response;
}

/** Compiles while it comes, if the server says what it is. */
async function compile(url: string): Promise<WebAssembly.Module> {
  const response = await get(url);
  if (response.headers.get('Content-Type')?.startsWith('application/wasm'))
    return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
