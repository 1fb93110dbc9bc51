// SPDX-License-Identifier: MIT
/** The rule of biome.json that what runs in Node and in a page alike knows neither: that it bites, and where. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { root } from '../src/build/root.ts';

/** Those of the files, by path, that `npm run lint` would complain of. */
function complaints(files: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'wasmlinux-lint-'));
  try {
    copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
    for (const [path, contents] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), contents);
    }
    const biome = join(root, 'node_modules/.bin/biome');
    const { stdout, error } = spawnSync(biome, ['lint', '--reporter=json'], { cwd: folder, encoding: 'utf8' });
    if (error) throw error;
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { location: { path: string } }[] };
    return [...new Set(diagnostics.map(({ location }) => location.path))].sort();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const NODE = 'export const a = process.pid;\n';

test('every part of the core is under the rule; hosts and tests are not', () => {
  const parts = ['debug', 'host/worker', 'image', 'machine', 'process', 'trace', 'wasm'].map((part) => `src/${part}`);
  const free = ['src/host/node/a.ts', 'src/host/browser/a.ts', 'src/machine/a.test.ts'];
  const files = [...parts.map((part) => `${part}/a.ts`), ...free].map((path) => [path, NODE]);
  const clean = parts.map((part) => [`${part}/clean.ts`, 'export const a = performance.now();\n']);
  assert.deepEqual(
    complaints(Object.fromEntries([...files, ...clean])),
    parts.map((part) => `${part}/a.ts`),
  );
});

test('it knows what is of Node, of a page, and of the hosts', () => {
  const files = {
    'src/machine/a.ts': "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;\n",
    'src/machine/b.ts': "import { loadKernel } from '../host/node/kernel-module.ts';\nexport const a = loadKernel;\n",
    'src/machine/c.ts': 'export const a = Buffer.from([]);\n',
    'src/machine/d.ts': 'export const a = document.title;\n',
    'src/machine/e.ts': 'setImmediate(() => {});\n',
    'src/machine/f.ts': NODE,
  };
  assert.deepEqual(complaints(files), Object.keys(files));
});
