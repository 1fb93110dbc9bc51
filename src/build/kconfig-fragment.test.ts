// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyFragment, unheldLines } from './kconfig-fragment.ts';

const defaults =
  '#\n# Automatically generated\n#\nCONFIG_LS=y\n# CONFIG_AR is not set\nCONFIG_LSMOD=y\nCONFIG_SIZE=4\n';

test("a fragment's line replaces the line of the same name, whatever it was", () => {
  const fragment = '# a reason\nCONFIG_AR=y\n# CONFIG_LS is not set\nCONFIG_SIZE=64\nCONFIG_NEW="x y"\n';
  assert.deepEqual(applyFragment(defaults, fragment).split('\n'), [
    '#',
    '# Automatically generated',
    '#',
    'CONFIG_LSMOD=y',
    'CONFIG_AR=y',
    '# CONFIG_LS is not set',
    'CONFIG_SIZE=64',
    'CONFIG_NEW="x y"',
    '',
  ]);
});

test('a line that did not hold is found, a line that did is not', () => {
  const fragment = '# CONFIG_LS is not set\nCONFIG_SIZE=4\nCONFIG_MISSPELLED=y\n';
  assert.deepEqual(unheldLines(defaults, fragment), ['# CONFIG_LS is not set', 'CONFIG_MISSPELLED=y']);
});
