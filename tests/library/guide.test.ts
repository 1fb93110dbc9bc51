// SPDX-License-Identifier: MIT
/**
 * The examples of docs/library.md: files are written as they stand there, `$ ` lines are run, and must print what follows them. The
 * page is opened in Chromium. WASMLINUX_UPDATE_GUIDE=1 writes what they print into the guide, for a look at the difference.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { build } from 'esbuild';
import { lastOutput } from '../../src/build/last-output.ts';
import { root } from '../../src/build/root.ts';
import { PageHost } from '../harness/browser.ts';

const guide = join(root, 'docs/library.md');
const text = readFileSync(guide, 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-guide-'));
after(() => rmSync(folder, { recursive: true }));

/** Where the examples import the library from: in a checkout it is no package. */
const library = JSON.stringify(new URL('../../src/index.ts', import.meta.url).href);
const files = [...text.matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm)].map(
  ([, name = '', contents = '']) => [name, contents] as const,
);
for (const [name, contents] of files) {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, name === 'tutorial.ts' ? contents : contents.replace("from 'wasmlinux'", `from ${library}`));
}
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');

/** What a command prints, both streams, and its status when that is not 0. */
function run(line: string): Promise<string> {
  const [, ...args] = line.split(' ');
  // Not the one of this test's own runner.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env }, (error, stdout, stderr) => {
      resolve(`${stdout}${stderr}${error ? `[exit ${error.code}]\n` : ''}`);
    });
  });
}

const sessions = [...text.matchAll(/^```console\n\$ (.*)\n([\s\S]*?)^```$/gm)];
let updated = text;
for (const [session, line = '', expected = ''] of sessions) {
  test(line, async () => {
    const printed = (await run(line)).replace(/[ \t]+$/gm, '').replace(/\n+$/, '\n');
    if (process.env.WASMLINUX_UPDATE_GUIDE === undefined) {
      assert.equal(printed, expected);
      return;
    }
    updated = updated.replace(session, () => `\`\`\`console\n$ ${line}\n${printed}\`\`\``);
    writeFileSync(guide, updated);
  });
}

test('every program of the guide is run', () => {
  const programs = files.map(([name]) => name).filter((name) => name.endsWith('.ts') && name !== 'tutorial.ts');
  assert.deepEqual(
    programs,
    sessions.map(([, line]) => line?.split(' ').at(-1)),
  );
});

test('the tutorial page sees what is typed', async () => {
  const served = join(folder, 'served');
  const bundle = (entry: string, outfile: string, format: 'esm' | 'iife') =>
    build({
      entryPoints: [entry],
      outfile: join(served, outfile),
      bundle: true,
      format,
      target: 'es2024',
      nodePaths: [join(root, 'node_modules')],
      alias: { wasmlinux: join(root, 'src/browser.ts') },
      logLevel: 'silent',
    });
  await bundle(join(folder, 'tutorial.ts'), 'tutorial.js', 'esm');
  await bundle(join(root, 'src/host/browser/worker-entry.ts'), 'browser-worker.js', 'iife');
  cpSync(join(folder, 'index.html'), join(served, 'index.html'));
  cpSync(join(lastOutput(root, 'kernel') ?? '', 'vmlinux.wasm'), join(served, 'vmlinux.wasm'));
  cpSync(join(lastOutput(root, 'image') ?? '', 'initramfs.cpio'), join(served, 'initramfs.cpio'));
  const host = await PageHost.start(served);
  try {
    const { page } = await host.open();
    await page.getByText('root@wasmlinux:').waitFor();
    await page.keyboard.type('mkdir garden; echo red > garden/rose\n');
    await page.getByText('Well done!').waitFor();
  } finally {
    await host.close();
  }
});
