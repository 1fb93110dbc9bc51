// SPDX-License-Identifier: MIT
/** Unpacking, with a source package that the test makes; downloading is tested by every build on a new cache. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { build } from '../engine.ts';
import type { Step } from '../step.ts';
import { unpackSource, upstreamVersion } from './source-package.ts';

it('upstreamVersion leaves out epoch and Debian revision', () => {
  assert.deepEqual(['1.2.5-3.1~deb13u1', '1:1.37.0-6', '2.0', '1-2-3'].map(upstreamVersion), [
    '1.2.5',
    '1.37.0',
    '2.0',
    '1-2',
  ]);
});

it("unpacks the upstream source with Debian's patches, in the order of the series", async () => {
  const root = mkdtempSync(join(tmpdir(), 'wasmlinux-source-'));
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const change = (from: string, to: string) => `--- a/f\n+++ b/f\n@@ -1 +1 @@\n-${from}\n+${to}\n`;
  try {
    write('x-1/f', 'one\n');
    write('debian/patches/series', '# comment\nfirst.patch -p1\n\nsecond.patch # why\n');
    write('debian/patches/first.patch', change('one', 'two'));
    write('debian/patches/second.patch', change('two', 'three'));
    const tar = (archive: string, folder: string) => execFileSync('tar', ['-cJf', archive, folder], { cwd: root });
    tar('x_1.orig.tar.xz', 'x-1');
    tar('x_1-1.debian.tar.xz', 'debian');
    write(
      'x_1-1.dsc',
      'Format: 3.0 (quilt)\nFiles:\n 0a 1 x_1.orig.tar.xz\n 0b 1 x_1.orig.tar.xz.asc\n 0c 1 x_1-1.debian.tar.xz\n',
    );
    const step: Step = {
      name: 'x',
      title: 'x',
      needs: [],
      inputs: [],
      run: (context) => unpackSource(context, join(root, 'x_1-1.dsc'), context.out),
    };
    const options = { root, cache: join(root, 'cache'), screen: { write: () => {} } };
    const outputs = await build([step], options);
    assert.equal(readFileSync(join(outputs.get(step) ?? '', 'f'), 'utf8'), 'three\n');
    write('x_1-1.dsc', 'Format: 1.0\n');
    await assert.rejects(build([{ ...step, name: 'y' }], options), /unknown source format 1.0/);
  } finally {
    rmSync(root, { recursive: true });
  }
});
