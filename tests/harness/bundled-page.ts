// SPDX-License-Identifier: MIT
/** A page of one program, bundled from the npm package as its users do, in a headless Chromium. For tests. */
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { staticServer } from '../../src/server/static-server.ts';
import { CHROMIUM, FLAGS, NO_LIMIT } from './browser.ts';

/** What the library looks for beside the program that it is part of. */
const BESIDE = ['vmlinux.wasm', 'initramfs.cpio', 'root-boot.cpio', 'browser-worker.js'];

/**
 * Bundles `program`, a module whose default export is what shall come back, in `folder`, where the package is installed;
 * resolves to that value. Rejects with what the page complains of.
 */
export async function runInPage(folder: string, program: string): Promise<unknown> {
  const site = join(folder, 'site');
  mkdirSync(site, { recursive: true });
  writeFileSync(join(folder, 'page.ts'), program);
  await build({
    absWorkingDir: folder,
    entryPoints: ['page.ts'],
    outfile: join(site, 'page.js'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'chrome137',
    logLevel: 'silent',
  });
  for (const name of BESIDE) cpSync(join(folder, 'node_modules/wasmlinux/dist', name), join(site, name));
  writeFileSync(join(site, 'index.html'), '<!doctype html><title>test</title>');
  const server = staticServer(site);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, timeout: NO_LIMIT });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(NO_LIMIT);
    const complained = new Promise<never>((_, reject) => page.on('pageerror', reject));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return await Promise.race([page.evaluate("import('./page.js').then((it) => it.default)"), complained]);
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}
