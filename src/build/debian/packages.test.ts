// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { root } from '../root.ts';
import lists from './packages.json' with { type: 'json' };
import { installedVersions } from './packages.ts';

it('docs/dependencies.md says what each Debian and npm package is for', () => {
  const docs = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');
  const { devDependencies, optionalDependencies, dependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Record<string, Record<string, string> | undefined>;
  const wanted = [
    ...lists.build,
    ...lists.test,
    ...Object.keys({ ...devDependencies, ...optionalDependencies, ...dependencies }),
  ];
  assert.deepEqual(
    wanted.filter((name) => !docs.includes(`\`${name}\``)),
    [],
  );
});

it('the lists of Debian packages are sorted and have nothing in common', () => {
  for (const names of Object.values(lists)) assert.deepEqual(names, [...names].sort());
  assert.deepEqual(
    lists.test.filter((name) => lists.build.includes(name)),
    [],
  );
});

it('the versions of a package that is not in the list can not be an input', () => {
  assert.throws(() => installedVersions('emacs'), /not in the list/);
});
