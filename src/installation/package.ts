// SPDX-License-Identifier: MIT
/** The npm package: everything lies in the folder of this file, once the step `package` has made one program of it. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Installation } from './installation.ts';

const beside = (name: string): URL => new URL(`./${name}`, import.meta.url);

export const installation: Installation = {
  version: () => JSON.parse(readFileSync(beside('../package.json'), 'utf8')).version,
  top: beside('../'),
  worker: beside('node-worker.js'),
  artefact(name) {
    const path = fileURLToPath(beside(name));
    return existsSync(path) ? path : undefined;
  },
  advice: 'the package is not whole: install it again',
};
