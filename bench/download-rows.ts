// SPDX-License-Identifier: MIT
/** Counts what a download of the system would be: kernel, image, and the code around them without its types. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { root } from '../src/build/root.ts';
import type { OnRow } from './program-rows.ts';
import { type Measurement, measurement } from './results.ts';
import { DOWNLOADS, type Download, downloadRow, ENCODINGS, type Encoding, type Row } from './rows.ts';

/** Where the code begins that runs a machine. */
const HOST_CODE = 'src/host/node/machine-worker.ts';

export interface DownloadPaths {
  readonly kernel: string;
  readonly initramfs: string;
}

/** Counts rows of the group `download`. */
export async function measureDownloadRows(
  rows: readonly Row[],
  paths: DownloadPaths,
  onRow: OnRow,
): Promise<Measurement[]> {
  const names = new Set(rows.map((row) => row.name));
  const all = DOWNLOADS.flatMap((download) => ENCODINGS.map((encoding) => ({ download, encoding })));
  const wanted = all.filter(({ download, encoding }) => names.has(downloadRow(download, encoding).name));
  let done = 0;
  onRow(0, wanted.length, 'compressing');
  return Promise.all(
    wanted.map(async ({ download, encoding }) => {
      const size = await encodedSize(contents(download, paths), encoding);
      onRow(++done, wanted.length, 'compressing');
      return measurement(downloadRow(download, encoding), [size]);
    }),
  );
}

function contents(download: Download, paths: DownloadPaths): Uint8Array {
  switch (download) {
    case 'vmlinux.wasm':
      return readFileSync(paths.kernel);
    case 'initramfs.cpio':
      return readFileSync(paths.initramfs);
    case 'host code':
      return execFileSync(process.execPath, [
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, 'host-code.ts'),
        join(root, HOST_CODE),
      ]);
  }
}

async function encodedSize(bytes: Uint8Array, encoding: Encoding): Promise<number> {
  switch (encoding) {
    case 'plain':
      return bytes.length;
    case 'gzip':
      return (await promisify(gzip)(bytes, { level: 9 })).length;
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
