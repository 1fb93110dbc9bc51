// SPDX-License-Identifier: MIT
/** The package.json of what is published, made from the checkout's. Called by package.ts. */

export interface CheckoutManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

/** Has JSPI and exnref without flags, and is what the tests run. */
const LEAST_NODE = '>=26';

/** `licences`: of what is in the binary files. */
export function packageManifest(
  { name, version, description, license }: CheckoutManifest,
  licences: readonly string[],
) {
  return {
    name,
    version,
    description,
    license: [...new Set([license, ...licences])].join(' AND '),
    keywords: ['linux', 'kernel', 'webassembly', 'wasm', 'posix', 'shell', 'sandbox'],
    type: 'module',
    engines: { node: LEAST_NODE },
    bin: { wasmlinux: 'dist/wasmlinux.js' },
    exports: {
      '.': {
        // A page, or a bundler for one. All others are like Node: Deno and Bun too.
        browser: { types: './dist/types/browser.d.ts', default: './dist/browser.js' },
        default: { types: './dist/types/index.d.ts', default: './dist/index.js' },
      },
      // The same by name: TypeScript knows a page's own options only so, unless it is told of the condition.
      './browser': { types: './dist/types/browser.d.ts', default: './dist/browser.js' },
      // What a page is served beside the library.
      './browser-worker.js': './dist/browser-worker.js',
      './vmlinux.wasm': './dist/vmlinux.wasm',
      './initramfs.cpio': './dist/initramfs.cpio',
      './root-boot.cpio': './dist/root-boot.cpio',
      './package.json': './package.json',
    },
  };
}
