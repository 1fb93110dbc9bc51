// SPDX-License-Identifier: MIT
/** The examples of docs/library.md: each is run as it stands there. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from '../../src/build/root.ts';

const guide = readFileSync(join(root, 'docs/library.md'), 'utf8');
const examples = new Map(
  [...guide.matchAll(/```ts\n\/\/ file: (\S+)\n([\s\S]*?)```/g)].map(([, name = '', text = '']) => [name, text]),
);
const library = pathToFileURL(join(root, 'src/index.ts')).href;
let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'guide-'));
});
after(() => rmSync(folder, { recursive: true }));

/** Runs an example; what it writes. */
function runExample(name: string, ...options: string[]): string {
  const path = join(folder, name.replace('.ts', '.mts'));
  const text = examples.get(name);
  assert.ok(text, `docs/library.md has no example ${name}`);
  writeFileSync(path, text.replace("from 'wasmlinux'", `from '${library}'`));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-concurrent-sparkplug', ...options, path],
    // Else it takes itself for a part of this test run.
    { encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
  );
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  return stdout;
}

test('the examples that are run here are all of the guide, but for the page', () => {
  assert.deepEqual([...examples.keys()].sort(), [
    'agent-tool.ts',
    'backup.test.ts',
    'ci-step.ts',
    'task.ts',
    'tutorial-page.ts',
  ]);
});

test('a test that needs a real shell', () => {
  assert.match(runExample('backup.test.ts', '--test-reporter=tap'), /^# pass 1$/m);
});

test('a tool for an agent', () => {
  const said = runExample('agent-tool.ts');
  assert.match(said, /^1\n4\n9\n\n3\n\ncat: .*nothing.*\n\n\[exit code 1\]\n/);
  assert.match(said, /\n\[its output was cut at 20,000 bytes\]\n\[it died of SIGKILL\]\n/);
  assert.match(said, /still here\n\n$/);
});

test('a step of continuous integration', () => {
  assert.equal(runExample('ci-step.ts'), '0\ncheck.sh\nreport\n\n');
});

test('a process in TypeScript', () => {
  assert.match(runExample('task.ts'), /^from process \d+ of Linux\n$/);
});
