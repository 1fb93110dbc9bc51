// SPDX-License-Identifier: MIT
/** bootstrap.mjs in a checkout of its own, with an `npm` that only writes down that it was called and links this Node. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wasmlinux-bootstrap-'));
  for (const folder of ['src/build', 'bin']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(new URL('./bootstrap.mjs', import.meta.url), join(root, 'src/build/bootstrap.mjs'));
  writeFileSync(join(root, 'package-lock.json'), '{}');
  const bin = `node_modules/node-${process.platform}-${process.arch}/bin`;
  writeFileSync(
    join(root, 'bin/npm'),
    `#!/bin/sh\necho "$@" >> npm-calls; mkdir -p ${bin}; ln -sf '${process.execPath}' ${bin}/node\n`,
  );
  chmodSync(join(root, 'bin/npm'), 0o755);
});
afterEach(() => rmSync(root, { recursive: true }));

function bootstrap(script: string, ...args: string[]) {
  writeFileSync(join(root, 'script.mjs'), script);
  return spawnSync(
    process.execPath,
    ['--no-concurrent-sparkplug', join(root, 'src/build/bootstrap.mjs'), 'script.mjs', ...args],
    {
      env: { PATH: `${join(root, 'bin')}:/usr/bin:/bin` },
      encoding: 'utf8',
    },
  );
}

const npmCalls = () => readFileSync(join(root, 'npm-calls'), 'utf8').trim().split('\n');

it('installs the packages when there are none or those of another lock file, and else not', () => {
  bootstrap('');
  bootstrap('');
  assert.equal(npmCalls().length, 1);
  assert.match(npmCalls()[0] ?? '', /^ci /);
  writeFileSync(join(root, 'package-lock.json'), '{ }');
  bootstrap('');
  assert.equal(npmCalls().length, 2);
});

it('runs the script with its arguments and the flags of Node, and passes on its output and status', () => {
  const script = 'console.log(process.execArgv, process.argv.slice(2)); process.exitCode = 7';
  const { status, stdout } = bootstrap(script, 'a', 'b c');
  assert.equal(stdout, "[ '--no-concurrent-sparkplug' ] [ 'a', 'b c' ]\n");
  assert.equal(status, 7);
});

it('ends with the status of npm failing, and a sentence', () => {
  writeFileSync(join(root, 'bin/npm'), '#!/bin/sh\necho no network >&2; exit 1\n');
  const { status, stderr } = bootstrap('');
  assert.equal(status, 1);
  assert.match(stderr, /no network\nnpm ci failed/);
});
