// SPDX-License-Identifier: MIT
/** What the build of the page (src/build/page.ts) puts in the place of a name: the files that belong to it. */

declare const ASSETS: {
  readonly worker: string;
  readonly kernel: import('../src/host/browser/download.ts').Asset;
  readonly initramfs: import('../src/host/browser/download.ts').Asset;
};
