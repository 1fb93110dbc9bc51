// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lines } from './lines.ts';

function collect(): { lines: Lines<string>; text: () => string } {
  let text = '';
  const lines = new Lines<string>(
    (piece) => {
      text += piece;
    },
    (owner) => (owner === '' ? '' : `[pid ${owner}] `),
  );
  return { lines, text: () => text };
}

test('results stand in a column of their own', () => {
  const { lines, text } = collect();
  lines.begin('', 'close(3');
  lines.end('', 'close', ')', '0');
  lines.begin('', 'openat(AT_FDCWD, "/a/path/that/is/long", O_RDONLY');
  lines.end('', 'openat', ')', '-1 ENOENT (No such file or directory)');
  assert.equal(
    text(),
    `close(3)                                = 0
openat(AT_FDCWD, "/a/path/that/is/long", O_RDONLY) = -1 ENOENT (No such file or directory)
`,
  );
});

test('the line of a call is there before the call returns', () => {
  const { lines, text } = collect();
  lines.begin('', 'read(0, ');
  assert.equal(text(), 'read(0, ');
});

test('a call that another interrupts is taken up again', () => {
  const { lines, text } = collect();
  lines.begin('7', 'read(0, ');
  lines.begin('8', 'close(3');
  lines.end('8', 'close', ')', '0');
  lines.line('8', '+++ exited with 0 +++');
  lines.end('7', 'read', '"", 10)', '0');
  assert.equal(
    text(),
    `[pid 7] read(0,  <unfinished ...>
[pid 8] close(3)                        = 0
[pid 8] +++ exited with 0 +++
[pid 7] <... read resumed>"", 10)       = 0
`,
  );
});

test('what is left open is said to be', () => {
  const { lines, text } = collect();
  lines.begin('', 'read(0, ');
  lines.interrupt();
  lines.interrupt();
  assert.equal(text(), 'read(0,  <unfinished ...>\n');
});
