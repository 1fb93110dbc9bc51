// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../src/cli/usage-error.ts';
import { checkDocument, withTable } from './document.ts';

const marked = (between: string): string =>
  `before\n\n<!-- npm run bench: begin -->${between}<!-- npm run bench: end -->\n\nafter\n`;

test('the table replaces what is between the marks, and nothing else', () => {
  const once = withTable(marked('\nold\n'), '| new |\n');
  assert.equal(once, marked('\n\n| new |\n\n'));
  assert.equal(withTable(once, '| new |\n'), once);
});

test('a document without the marks is refused', () => {
  assert.throws(() => withTable('text\n', ''), UsageError);
  assert.throws(() => withTable('<!-- npm run bench: end --><!-- npm run bench: begin -->', ''), UsageError);
  assert.throws(() => checkDocument('/absent'), { message: /no such file/ });
});
