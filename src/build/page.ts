// SPDX-License-Identifier: MIT
/**
 * Step `page`: the page of web/ as files that any static web server can serve. Every file but index.html has a hash of its
 * contents in its name, so that a browser may keep it for ever:
 *
 *     index.html
 *     page-HASH.js, page-HASH.css     web/ and what it imports, xterm.js among it, bundled by esbuild
 *     worker-HASH.js                  the machine's Worker: src/host/browser/worker-entry.ts
 *     vmlinux-HASH.wasm, initramfs-HASH.cpio, icon-HASH.svg
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { image } from './image.ts';
import { kernel } from './kernel.ts';
import type { Step } from './step.ts';

/** Hexadecimal digits of a file's hash in its name. */
const HASH_DIGITS = 10;

/** The syntax that esbuild writes: of the first Chromium that has JSPI and exnref. */
const TARGET = 'chrome137';

export const page: Step = {
  name: 'page',
  title: 'web page',
  needs: [kernel, image],
  inputs: [
    { path: 'src/build/page.ts' },
    { path: 'web' },
    ...['browser', 'worker'].map((host) => ({ path: `src/host/${host}` })),
    ...['machine', 'process', 'task', 'trace', 'debug', 'wasm', 'image'].map((part) => ({ path: `src/${part}` })),
    // The versions of esbuild and xterm.js.
    { path: 'package-lock.json' },
  ],
  async run(context) {
    const { build } = await import('esbuild');
    /** Writes a file under its final name; returns that. */
    const publish = (name: string, contents: Uint8Array): string => {
      const hash = createHash('sha256').update(contents).digest('hex').slice(0, HASH_DIGITS);
      const extension = extname(name);
      const final = `${name.slice(0, -extension.length)}-${hash}${extension}`;
      writeFileSync(join(context.out, final), contents);
      return final;
    };
    const bundle = async (
      entry: string,
      format: 'esm' | 'iife',
      define: Record<string, string>,
    ): Promise<Uint8Array> => {
      const { outputFiles } = await build({
        absWorkingDir: context.root,
        entryPoints: [entry],
        bundle: true,
        minify: true,
        format,
        target: TARGET,
        define,
        write: false,
        logLevel: 'silent',
      });
      const [file] = outputFiles;
      if (!file) throw new Error(`esbuild has made nothing of ${entry}`);
      return file.contents;
    };
    const asset = (name: string, contents: Uint8Array) => ({ url: publish(name, contents), size: contents.length });
    const source = (name: string) => readFileSync(join(context.root, 'web', name));

    const assets = {
      worker: publish('worker.js', await bundle('src/host/browser/worker-entry.ts', 'iife', {})),
      kernel: asset('vmlinux.wasm', readFileSync(join(context.output(kernel), 'vmlinux.wasm'))),
      initramfs: asset('initramfs.cpio', readFileSync(join(context.output(image), 'initramfs.cpio'))),
    };
    const names = {
      'vmlinux.wasm': assets.kernel.url,
      'initramfs.cpio': assets.initramfs.url,
      'page.js': publish('page.js', await bundle('web/page.ts', 'esm', { ASSETS: JSON.stringify(assets) })),
      'page.css': publish('page.css', await bundle('web/page.css', 'esm', {})),
      'icon.svg': publish('icon.svg', source('icon.svg')),
    };
    let html = source('index.html').toString();
    for (const [name, final] of Object.entries(names)) html = html.replaceAll(`"${name}"`, `"${final}"`);
    writeFileSync(join(context.out, 'index.html'), html);
  },
};
