// SPDX-License-Identifier: MIT
/**
 * Unpacking, with a source package that the test makes, and the choice of what to download, with an apt that the test makes;
 * the real apt is used by every build on a new cache.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { build } from '../engine.ts';
import type { Step } from '../step.ts';
import { fetchSource, type SourcePackage, unpackSource, upstreamVersion } from './source-package.ts';

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

describe('fetchSource', () => {
  let root: string;
  const { PATH } = process.env;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'wasmlinux-fetch-'));
    process.env.PATH = `${root}:${PATH}`;
  });
  afterEach(() => {
    process.env.PATH = PATH;
    rmSync(root, { recursive: true });
  });

  /** The real command line is `apt-get -c <build>/apt/<release>/apt.conf update|source ...`; `script` sees release and verb. */
  function apt(script: string) {
    for (const name of ['apt-get', 'apt-cache']) {
      const text = `#!/bin/sh\nrelease=$(basename "$(dirname "$2")"); verb=$3\nfor last; do :; done\n${script}\n`;
      writeFileSync(join(root, name), text, { mode: 0o755 });
    }
  }

  function fetch(details: Partial<SourcePackage> = {}) {
    const wanted = { name: 'x', version: '1', releases: ['old', 'new'], ...details };
    const step: Step = {
      name: 'x',
      title: 'x',
      needs: [],
      inputs: [],
      run: (context) =>
        fetchSource(context, wanted, context.out, [{ uris: ['http://m.example/'], signedBy: undefined }]),
    };
    return build([step], { root, cache: join(root, 'cache'), screen: { write: () => {} } });
  }

  it('tries version after version and release after release until a mirror has all files', async () => {
    apt(`case $verb in
      showsrc) [ $release = old ] && echo 'Version: 0.9-1'; [ $release = new ] && printf 'Version: 1-%s\\n' 1 2 10; exit 0;;
      source) echo "$release $last" >> ${join(root, 'tried')}; [ $last = x=1-1 ] && echo 'Format: none' > x.dsc;;
      esac`);
    await assert.rejects(fetch(), /unknown source format none/);
    const tried = readFileSync(join(root, 'tried'), 'utf8');
    assert.equal(tried, 'new x=1-10\nnew x=1-2\nnew x=1-1\n');
  });

  it('says what each release has when none has it', async () => {
    apt(`case $verb in
      update) [ $release = new ];;
      showsrc) echo 'Version: 2-1';;
      esac`);
    await assert.rejects(fetch(), /old: its index can't be fetched\n.*new: has 2-1\n.*x 1 is on none/s);
  });

  it('fetches the index again when a file of the remembered one is gone', async () => {
    apt(`case $verb in
      update) echo update >> ${join(root, 'tried')};;
      showsrc) echo 'Version: 1-1';;
      source) [ $(grep -c update ${join(root, 'tried')}) = 3 ] && echo 'Format: none' > x.dsc;;
      esac`);
    await assert.rejects(fetch(), /on none/);
    await assert.rejects(fetch(), /unknown source format/);
  });

  it("of some folders fetches upstream's archive alone and unpacks these, whole", async () => {
    for (const file of ['x-1/a/b/f', 'x-1/a/c/f', 'x-1/ab/f', 'x-1/z/a/f']) {
      mkdirSync(join(root, file, '..'), { recursive: true });
      writeFileSync(join(root, file), file);
    }
    execFileSync('tar', ['-cJf', 'x_1.orig.tar.xz', 'x-1'], { cwd: root });
    apt(`case $verb in
      showsrc) echo 'Version: 1-1';;
      source) case "$*" in *--tar-only*) cp ${join(root, 'x_1.orig.tar.xz')} .;; *) exit 1;; esac;;
      esac`);
    const outputs = await fetch({ folders: ['a/b', 'ab'] });
    const [output = ''] = outputs.values();
    assert.deepEqual(globSync('**/f', { cwd: output }).sort(), ['a/b/f', 'ab/f']);
  });
});
