// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { run } from './exec.ts';
import { StepLog } from './log.ts';
import { StepError } from './step.ts';

let folder: string;
let log: StepLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmlinux-exec-'));
  log = new StepLog(join(folder, 'step.log'));
});
afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true });
});

const shell = (script: string, options: object = {}) => run('sh', ['-c', script], { cwd: folder, log, ...options });

it('writes the command and both of its outputs to the log, and shows each line as it comes', async () => {
  const lines: string[] = [];
  await shell('echo out; echo err >&2; printf end', { onLine: (line: string) => lines.push(line) });
  const text = readFileSync(log.path, 'utf8');
  assert.match(text, /^\$ sh -c 'echo out; /);
  assert.deepEqual(text.trimEnd().split('\n').slice(1).sort(), ['end', 'err', 'out']);
  assert.deepEqual(lines.sort(), ['end', 'err', 'out']);
});

it('returns the output instead of logging it when it is quiet', async () => {
  assert.equal(await shell('echo 1; echo 2', { quiet: true }), '1\n2\n');
  assert.doesNotMatch(readFileSync(log.path, 'utf8'), /^1$/m);
});

it('passes input', async () => {
  assert.equal(await shell('cat', { quiet: true, input: 'text\n' }), 'text\n');
  await shell('exit 0', { input: new Uint8Array(10_000_000) });
});

it('throws the status or the signal, with the last lines', async () => {
  await assert.rejects(shell('seq 100; exit 4'), (error: StepError) => {
    assert(error instanceof StepError);
    assert.equal(error.message, 'sh ended with status 4');
    assert.equal(error.tail.length, 25);
    assert.equal(error.tail.at(-1), '100');
    return true;
  });
  await assert.rejects(shell('kill -KILL $$'), /sh was ended by SIGKILL/);
  await assert.rejects(run('no-such-command', [], { cwd: folder, log }), /can't run no-such-command: no such command/);
});

it('ends all that a command has started when it is told to stop', async () => {
  const abort = new AbortController();
  // As make does it: what works is below a shell. The output stays open until the last of them is gone.
  const ended = shell(`sh -c 'sh -c "echo up; sleep 1000"; true'; true`, {
    signal: abort.signal,
    onLine: () => abort.abort(),
  });
  await assert.rejects(ended, /sh was ended by SIGTERM/);
});

it("hides the caller's flags from commands, and gives them those of the step", async () => {
  process.env.CFLAGS = '-O0';
  try {
    assert.equal(await shell('echo "$CFLAGS,$LC_ALL,$MINE"', { quiet: true, env: { MINE: 'm' } }), ',C,m\n');
  } finally {
    delete process.env.CFLAGS;
  }
});
