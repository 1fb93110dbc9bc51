// SPDX-License-Identifier: MIT
/**
 * Prints the code that runs a machine, without its types and comments: the module that is named and all that it imports of ours. A
 * process of its own, because Node warns on standard error that stripping types by hand is an experiment (download-rows.ts).
 */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';

function modulesFrom(path: string, found = new Map<string, string>()): Map<string, string> {
  if (found.has(path)) return found;
  const code = stripTypeScriptTypes(readFileSync(path, 'utf8'), { mode: 'strip' })
    .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    .replaceAll(/^\s+/gm, '');
  found.set(path, code);
  for (const [, imported = ''] of code.matchAll(/^(?:import|export) [^'"]*?from '(\.[^']+)'/gm)) {
    modulesFrom(join(dirname(path), imported), found);
  }
  return found;
}

process.stdout.write([...modulesFrom(process.argv[2] ?? '').values()].join(''));
