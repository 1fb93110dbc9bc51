// SPDX-License-Identifier: MIT
/** Counts what a page has to load: kernel, image, and the code around them, as they are and as a server may compress them. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { OnRow } from './program-rows.ts';
import { type Measurement, measurement } from './results.ts';
import { DOWNLOADS, type Download, downloadRow, ENCODINGS, type Encoding, type Row } from './rows.ts';

/** Which files of the step `page` they are. */
const FILES: Readonly<Record<Download, string>> = {
  'vmlinux.wasm': 'vmlinux-*.wasm',
  'initramfs.cpio': 'initramfs-*.cpio',
  'code of the Worker': 'worker-*.js',
  'page and terminal': '{index.html,page-*.js,page-*.css,icon-*.svg}',
};

/** Counts rows of the group `download`. `page` is the output of the step of that name. */
export async function measureDownloadRows(rows: readonly Row[], page: string, onRow: OnRow): Promise<Measurement[]> {
  const names = new Set(rows.map((row) => row.name));
  const all = DOWNLOADS.flatMap((download) => ENCODINGS.map((encoding) => ({ download, encoding })));
  const wanted = all.filter(({ download, encoding }) => names.has(downloadRow(download, encoding).name));
  let done = 0;
  onRow(0, wanted.length, 'compressing');
  return Promise.all(
    wanted.map(async ({ download, encoding }) => {
      const files = globSync(FILES[download], { cwd: page });
      if (files.length === 0) throw new Error(`the step page has made no ${FILES[download]}`);
      const sizes = await Promise.all(files.map((name) => encodedSize(readFileSync(join(page, name)), encoding)));
      onRow(++done, wanted.length, 'compressing');
      return measurement(downloadRow(download, encoding), [sizes.reduce((sum, size) => sum + size, 0)]);
    }),
  );
}

async function encodedSize(bytes: Uint8Array, encoding: Encoding): Promise<number> {
  switch (encoding) {
    case 'plain':
      return bytes.length;
    case 'gzip':
      return (await promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION })).length;
    case 'brotli': {
      const params = {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      };
      return (await promisify(brotliCompress)(bytes, { params })).length;
    }
  }
}
